"""Why a file is not taken, in Korean: the checks say it in English, agents and their notices read it in Korean."""

from __future__ import annotations

import re

KOREAN = {
    "calls itself a program or a web page": "프로그램이나 웹 페이지의 이름을 가진 파일입니다",
    "has more parts than a document has": "문서라기에는 안에 든 조각이 너무 많습니다",
    "has too many pixels": "사진의 화소 수가 너무 많습니다. 줄여서 보내야 합니다",
    "is a PDF and an archive at once": "PDF이면서 압축 파일이기도 합니다",
    "is a PDF locked with a password; send it without": "암호가 걸린 PDF입니다. 암호를 풀어 보내야 합니다",
    "is a PDF that does not end: it arrived cut off or damaged": "끝이 없는 PDF입니다. 중간에 잘렸거나 손상되었습니다",
    "is a PDF with parts that cannot be looked into": "PDF 안에 확인할 수 없는 부분이 있습니다",
    "is a PDF with scripts, programs or files in it; print it into a new PDF and send that": (
        "PDF 안에 스크립트, 프로그램 또는 파일이 있습니다. 새 PDF로 인쇄해 보내야 합니다"
    ),
    "is a damaged document": "손상된 문서입니다",
    "is a damaged document, or one whose headers lie": "손상되었거나 내용과 머리글이 다른 문서입니다",
    "is a damaged picture": "손상된 사진입니다",
    "is a document of a kind that is not taken; save it as HWP 5, HWPX, DOCX or PDF": (
        "받지 않는 종류의 문서입니다. HWP 5, HWPX, DOCX 또는 PDF로 저장해 보내야 합니다"
    ),
    "is a document that fetches something from elsewhere; save it as PDF": (
        "다른 곳에서 내용을 불러오는 문서입니다. PDF로 저장해 보내야 합니다"
    ),
    "is a document with a part larger than it should be": "문서의 한 부분이 지나치게 큽니다",
    "is a document with a script in it; save it without": "스크립트가 든 문서입니다. 스크립트 없이 저장해 보내야 합니다",
    "is a document with a script that cannot be looked into": "확인할 수 없는 스크립트가 든 문서입니다",
    "is a document with another file or another program's object in it; save it without, or as PDF": (
        "다른 파일이나 다른 프로그램의 개체가 든 문서입니다. 빼고 저장하거나 PDF로 보내야 합니다"
    ),
    "is a document with macros; save it without, or as PDF": "매크로가 든 문서입니다. 매크로 없이, 또는 PDF로 보내야 합니다",
    "is a document with parts that no document has": "문서에 있을 수 없는 부분이 들어 있습니다",
    "is a document with something hung behind it, or cut off": "뒤에 다른 것이 붙었거나 잘린 문서입니다",
    "is a film or a sound, which is not taken": "동영상과 소리 파일은 받지 않습니다",
    "is a picture of a kind that is not taken; send it as JPEG or PNG": (
        "받지 않는 종류의 사진입니다. JPEG나 PNG로 보내야 합니다"
    ),
    "is a program": "프로그램 파일입니다",
    "is a web page, a drawing or a script in text form": "글로 된 웹 페이지, 그림 또는 스크립트입니다",
    "is an archive; send its files one by one": "압축 파일입니다. 안의 파일을 하나씩 보내야 합니다",
    "is empty": "빈 파일입니다",
    "is locked with a password; send it without": "암호가 걸려 있습니다. 암호를 풀어 보내야 합니다",
    "is no picture": "사진이 아닙니다",
    "is of a kind that is not taken: pictures, PDF, HWP, office documents and plain text are": (
        "받지 않는 종류의 파일입니다. 사진, PDF, 한글, 오피스 문서, 텍스트만 받습니다"
    ),
    "is of a kind that is not taken; save it as DOCX, XLSX, PPTX, HWPX or PDF": (
        "받지 않는 종류의 파일입니다. DOCX, XLSX, PPTX, HWPX 또는 PDF로 저장해 보내야 합니다"
    ),
    "is of an old HWP; save it as HWP 5, HWPX or PDF": "옛 한글 문서입니다. HWP 5, HWPX 또는 PDF로 저장해 보내야 합니다",
    "is of an old Office; save it as DOCX or PDF": "옛 오피스 문서입니다. DOCX나 PDF로 저장해 보내야 합니다",
    "is of an old Office; save it as PPTX or PDF": "옛 오피스 문서입니다. PPTX나 PDF로 저장해 보내야 합니다",
    "is of an old Office; save it as XLSX or PDF": "옛 오피스 문서입니다. XLSX나 PDF로 저장해 보내야 합니다",
    "unpacks to more than a document does": "풀었을 때 문서라기에는 지나치게 큽니다",
}
COUNTED = (
    (re.compile(r"must be at most (\d+) MB"), r"\1MB까지 받습니다"),
    (re.compile(r"cannot be made smaller than (\d+) bytes"), r"\1바이트보다 작게 만들 수 없습니다"),
)


def in_korean(why: str) -> str:
    """`why` in Korean; as it is where no words are known for it."""
    for pattern, korean in COUNTED:
        if pattern.fullmatch(why):
            return pattern.sub(korean, why)
    return KOREAN.get(why, why)
