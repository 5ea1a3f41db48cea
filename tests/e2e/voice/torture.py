"""SIP messages after the torture tests of RFC 4475: valid ones that look wrong, and wrong ones; and plain junk.

Each is (name with its section, bytes). `{here}` is the sender's address, `{there}` the engine's.
"""

from __future__ import annotations

SDP = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 49170 RTP/AVP 0\r\n"


def message(
    first: str,
    *,
    via: str = "SIP/2.0/UDP {here};branch=z9hG4bK{n}",
    start: tuple[str, ...] = (),
    sender: str = "<sip:caller@{here}>;tag={n}",
    to: str = "<sip:desk@{there}>",
    call: str = "{n}@torture",
    cseq: str = "1 INVITE",
    extra: tuple[str, ...] = (),
    body: str = "",
    length: str | None = None,
    contact: str = "<sip:caller@{here}>",
) -> str:
    """A request; every part may be made wrong."""
    lines = [
        first,
        *start,
        f"Via: {via}",
        f"From: {sender}",
        f"To: {to}",
        f"Call-ID: {call}",
        f"CSeq: {cseq}",
        "Max-Forwards: 70",
        f"Contact: {contact}",
        *extra,
        *(["Content-Type: application/sdp"] if body else []),
        f"Content-Length: {len(body) if length is None else length}",
    ]
    return "\r\n".join(lines) + "\r\n\r\n" + body


INVITE = "INVITE sip:desk@{there} SIP/2.0"

VALID = [
    (
        "3.1.1.1 a short tortuous INVITE",
        "INVITE sip:desk@{there};unknownparam SIP/2.0\r\n"
        "TO :\r\n sip:desk@{there} ;  tag    = 1918181833n\r\n"
        'from   : "J Rosenberg \\\\\\""       <sip:jdrosen@{here}>\r\n  ;\r\n  tag = 98asjd8\r\n'
        "MaX-fOrWaRdS: 0068\r\nCall-ID: wsinv.{n}@torture\r\nContent-Length   : 150\r\n"
        "cseq: 0009\r\n  INVITE\r\nVia  : SIP  /   2.0\r\n /UDP\r\n    {here};branch=390skdjuw\r\n"
        "s :\r\nNewFangledHeader:   newfangled value\r\n continued newfangled value\r\n"
        "UnknownHeaderWithUnusualValue: ;;,,;;,;\r\nContent-Type: application/sdp\r\n"
        "Route:\r\n <sip:services.example.com;lr;unknownwith=value;unknown-no-value>\r\n"
        "v:  SIP  / 2.0  / TCP     spindle.example.com   ;\r\n  branch  =   z9hG4bK9ikj8  ,\r\n SIP  /    2.0   / UDP  192.168.255.111   ; branch=\r\n z9hG4bK30239\r\n"
        'm:"Quoted string \\"\\"" <sip:jdrosen@{here}> ; newparam =\r\n      newvalue ;\r\n  secondparam ; q = 0.33\r\n\r\n'
        + SDP,
    ),
    (
        "3.1.1.2 wide range of valid characters",
        message(
            "!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*"
            ":&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@{there} SIP/2.0",
            to='"BEL:\\\x07 NUL:\\\x01 DEL:\\\x7f" <sip:1_unusual.URI~(to-be!sure)&isn\'t+it$/crazy?,/;;*@{there}>',
            sender="token1~` token2'+_ token3*%!.- <sip:mundane@{here}>;fromParam''~+*_!.-%=\"работающий\";tag=_token~1'+`*%!-.",
            call="intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}}{{",
            cseq="139122385 !interesting-Method0123456789_*+`.%indeed'~",
            extra=("extensionHeader-!.%*+_`'~:\ufeff大停電",),
        ),
    ),
    (
        "3.1.1.3 escaped characters",
        message("INVITE sip:sips%3Auser%40example.com@{there} SIP/2.0", body=SDP, to="sip:%75se%72@{there}"),
    ),
    (
        "3.1.1.4 escaped nulls",
        message(
            "REGISTER sip:{there} SIP/2.0",
            sender="sip:null-%00-null@{here};tag={n}",
            to="sip:null-%00-null@{there}",
            cseq="1 REGISTER",
        ),
    ),
    ("3.1.1.5 percent that is no escape", message("RE%47IST%45R sip:{there} SIP/2.0", cseq="1 RE%47IST%45R")),
    (
        "3.1.1.6 no LWS between name and bracket",
        message("OPTIONS sip:desk@{there} SIP/2.0", sender="caller<sip:caller@{here}>;tag={n}", cseq="1 OPTIONS"),
    ),
    (
        "3.1.1.7 long header values",
        message(
            INVITE,
            sender='"' + "long " * 150 + '" <sip:' + "a" * 300 + "@{here}>;tag={n}",
            extra=("X-Long: " + "x" * 900,),
        ),
    ),
    ("3.1.1.8 extra trailing octets in UDP", message(INVITE, body=SDP) + "more\r\n" * 20),
    (
        "3.1.1.9 semicolon parameters in the user part",
        message("OPTIONS sip:user;par=u%40example.net@{there} SIP/2.0", cseq="1 OPTIONS"),
    ),
    (
        "3.1.1.10 varied and unknown transports",
        message("OPTIONS sip:desk@{there} SIP/2.0", via="SIP/2.0/UNKNOWN {here};branch=z9hG4bK{n}", cseq="1 OPTIONS"),
    ),
    (
        "3.1.1.11 multipart body",
        message(
            "MESSAGE sip:desk@{there} SIP/2.0",
            cseq="1 MESSAGE",
            extra=("Content-Type: multipart/mixed;boundary=7a9cbec02ceef655",),
            body="--7a9cbec02ceef655\r\n\r\nhi\x01\x82\r\n--7a9cbec02ceef655--",
        ),
    ),
    (
        "3.1.1.12 unusual reason phrase",
        "SIP/2.0 200 = 2**3 * 5**2 но сто девяносто девять - простое\r\nVia: SIP/2.0/UDP {here};branch=z9hG4bK{n}\r\nCall-ID: {n}\r\nCSeq: 35 INVITE\r\nFrom: <sip:u@h>;tag=1\r\nTo: <sip:w@h>;tag=2\r\nContent-Length: 0\r\n\r\n",
    ),
    (
        "3.1.1.13 empty reason phrase",
        "SIP/2.0 100 \r\nVia: SIP/2.0/UDP {here};branch=z9hG4bK{n}\r\nCall-ID: {n}\r\nCSeq: 1 INVITE\r\nFrom: <sip:u@h>;tag=1\r\nTo: <sip:w@h>;tag=2\r\nContent-Length: 0\r\n\r\n",
    ),
]

INVALID = [
    (
        "3.1.2.1 separators without values",
        message(INVITE, extra=(";;,;,,",), contact='"" <> ;,"Joe" <sip:joe@{here}>;;;;', body=SDP),
    ),
    ("3.1.2.2 length larger than the message", message(INVITE, body=SDP, length="9999")),
    ("3.1.2.3 negative length", message(INVITE, body=SDP, length="-999")),
    (
        "3.1.2.4 scalar fields that overflow",
        message(
            "REGISTER sip:{there} SIP/2.0",
            cseq="36893488147419103232 REGISTER",
            extra=("Expires: 10000000000000000000000", "Max-Forwards: 300"),
            contact="<sip:u@h>;expires=280297596632815",
        ),
    ),
    (
        "3.1.2.5 response with overflow values",
        'SIP/2.0 503 Service Unavailable\r\nVia: SIP/2.0/UDP {here};branch=z9hG4bK{n}\r\nCSeq: 9292394834772304023312 OPTIONS\r\nCall-ID: {n}\r\nRetry-After: 949302838503028349304023988\r\nWarning: 1812 overture "In Progress"\r\nFrom: <sip:u@h>;tag=1\r\nTo: <sip:w@h>;tag=2\r\nContent-Length: 0\r\n\r\n',
    ),
    ("3.1.2.6 unterminated quoted string", message(INVITE, to='"Mr. J. User <sip:j.user@{there}>', body=SDP)),
    ("3.1.2.7 request URI in angle brackets", message("INVITE <sip:desk@{there}> SIP/2.0", body=SDP)),
    ("3.1.2.8 spaces inside the request URI", message("INVITE sip:desk@{there}; lr SIP/2.0", body=SDP)),
    ("3.1.2.9 several spaces in the request line", message("INVITE  sip:desk@{there}  SIP/2.0", body=SDP)),
    ("3.1.2.10 spaces at the end of the request line", message("OPTIONS sip:desk@{there} SIP/2.0  ", cseq="1 OPTIONS")),
    (
        "3.1.2.11 headers in the request URI",
        message("INVITE sip:desk@{there}?Route=%3Csip:example.com%3E SIP/2.0", body=SDP),
    ),
    ("3.1.2.12 a date that is no date", message(INVITE, extra=("Date: Fri, 01 Jan 2010 16:00:00 EST",))),
    (
        "3.1.2.13 escaped brackets as names",
        message(INVITE, extra=("%43ontent-Length: 5", 'P-Asserted-Identity: "<sip:a@b" <tel:>>'), body=SDP),
    ),
    (
        "3.1.2.14 spaces within addr-spec",
        message("OPTIONS sip:desk@{there} SIP/2.0", to='"Watson" < sip:w@{there} >', cseq="1 OPTIONS"),
    ),
    (
        "3.1.2.15 display names that are not tokens",
        message(
            "OPTIONS sip:desk@{there} SIP/2.0", sender="Bell, Alexander <sip:a.g.bell@{here}>;tag={n}", cseq="1 OPTIONS"
        ),
    ),
    ("3.1.2.16 unknown protocol version", message("OPTIONS sip:desk@{there} SIP/7.0", cseq="1 OPTIONS")),
    ("3.1.2.17 CSeq of another method", message("OPTIONS sip:desk@{there} SIP/2.0", cseq="8 INVITE")),
    ("3.1.2.18 unknown method with another CSeq", message("NEWMETHOD sip:desk@{there} SIP/2.0", cseq="8 INVITE")),
    (
        "3.1.2.19 overlarge response code",
        "SIP/2.0 4294967301 better not break the receiver\r\nVia: SIP/2.0/UDP {here};branch=z9hG4bK{n}\r\nCall-ID: {n}\r\nCSeq: 35 INVITE\r\nFrom: <sip:u@h>;tag=1\r\nTo: <sip:w@h>;tag=2\r\nContent-Length: 0\r\n\r\n",
    ),
    (
        "3.2.1 missing transaction identifier",
        message("OPTIONS sip:desk@{there} SIP/2.0", via="SIP/2.0/UDP {here};branch=z9hG4bK", cseq="1 OPTIONS"),
    ),
    (
        "3.3.1 missing required headers",
        "INVITE sip:desk@{there} SIP/2.0\r\nCSeq: 193942 INVITE\r\nVia: SIP/2.0/UDP {here};branch=z9hG4bK{n}\r\nContent-Type: application/sdp\r\nl: 0\r\n\r\n",
    ),
    (
        "3.3.2 unknown URI scheme",
        message("OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0", cseq="1 OPTIONS"),
    ),
    (
        "3.3.3 known URI scheme of another protocol",
        message("OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0", cseq="1 OPTIONS"),
    ),
    (
        "3.3.4 unknown schemes in headers",
        message(
            "REGISTER sip:{there} SIP/2.0",
            to="isbn:2983792873",
            sender="<http://www.example.com>;tag=1",
            contact="<name:John_Smith>",
            cseq="1 REGISTER",
        ),
    ),
    (
        "3.3.5 Require and Proxy-Require",
        message(
            "OPTIONS sip:desk@{there} SIP/2.0",
            extra=("Require: nothingSupportsThis, nothingSupportsThisEither", "Proxy-Require: noProxiesSupportThis"),
            cseq="1 OPTIONS",
        ),
    ),
    ("3.3.6 unknown content type", message(INVITE, extra=("Content-Type: application/unknownformat",)) + "<audio/>"),
    (
        "3.3.7 unknown authorization scheme",
        message(
            "REGISTER sip:{there} SIP/2.0",
            extra=("Authorization: NoOneKnowsThisScheme opaque-data=here",),
            cseq="1 REGISTER",
        ),
    ),
    (
        "3.3.8 headers that must stand alone, twice",
        message(
            INVITE,
            extra=("CSeq: 59 INVITE", "Call-ID: other", "Max-Forwards: 5", "From: <sip:x@y>;tag=3", "To: <sip:z@y>"),
            body=SDP,
        ),
    ),
    ("3.3.9 two lengths", message(INVITE, body=SDP, extra=("Content-Length: 5",))),
    (
        "3.3.10 a 200 with a broadcast Via",
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK{n}\r\nVia: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bKsaul\r\nCall-ID: {n}\r\nCSeq: 1 INVITE\r\nFrom: <sip:u@h>;tag=1\r\nTo: <sip:w@h>;tag=2\r\nContent-Length: 0\r\n\r\n",
    ),
    (
        "3.3.11 Max-Forwards of zero",
        message("OPTIONS sip:desk@{there} SIP/2.0", cseq="1 OPTIONS").replace("Max-Forwards: 70", "Max-Forwards: 0"),
    ),
    (
        "3.3.12 REGISTER with a contact header parameter",
        message("REGISTER sip:{there} SIP/2.0", contact="sip:u@h?Route=%3Csip:x%3E", cseq="1 REGISTER"),
    ),
    ("3.3.15 Accept without SDP", message(INVITE, extra=("Accept: text/nobodyKnowsThis",))),
    ("3.4.1 RFC 2543 INVITE", message(INVITE, via="SIP/2.0/UDP {here}", body=SDP)),
    ("SDP that is no SDP", message(INVITE, body="v=\r\nm=audio\r\nm=audio 99999999 RTP/AVP 400\r\na=rtpmap:\r\n")),
    ("SDP with a hundred streams", message(INVITE, body=SDP + "m=audio 9 RTP/AVP 0 8 9\r\n" * 60)),
    ("a Call-ID that is not text", message(INVITE, call="\udcff\udcfe\udc80{n}", body=SDP)),
    (
        "a name of control characters",
        message(INVITE, sender='"\x01\x02\x7f\u202e" <sip:\x08@{here}>;tag={n}', body=SDP),
    ),
    ("Replaces of nobody", message(INVITE, extra=("Replaces: nobody@x;to-tag=1;from-tag=2",), body=SDP)),
    (
        "REFER outside a call",
        message("REFER sip:desk@{there} SIP/2.0", cseq="1 REFER", extra=("Refer-To: <sip:0600@{there}>",)),
    ),
    ("BYE of nobody", message("BYE sip:desk@{there} SIP/2.0", cseq="2 BYE", to="<sip:desk@{there}>;tag=none")),
    ("User-to-User of megabytes", message(INVITE, extra=("User-to-User: " + "ab" * 1_500,), body=SDP)),
]

JUNK = [
    ("nothing but line ends", "\r\n" * 40),
    ("an HTTP request", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("zeros", "\x00" * 600),
    ("half a message", message(INVITE, body=SDP)[:120]),
    ("a first line alone", "INVITE sip:desk@{there} SIP/2.0\r\n\r\n"),
    ("format characters", "%s%n%x" * 60 + "\r\n\r\n"),
    ("60 kB of one header", "INVITE sip:desk@{there} SIP/2.0\r\nVia: " + "a" * 60_000 + "\r\n\r\n"),
]

ALL = [*VALID, *INVALID, *JUNK]


def as_bytes(text: str, here: str, there: str, n: int) -> bytes:
    """The message on the wire."""
    for name, value in (("{here}", here), ("{there}", there), ("{n}", f"{n}x")):
        text = text.replace(name, value)
    return text.encode("utf-8", "surrogateescape")
