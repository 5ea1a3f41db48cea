"""Settings: two files, locks, limits; every bad value is refused with its file and key."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from client import platform, settings
from client.domain.call import Account
from client.domain.codec import BadInput
from client.settings_page import reference

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def files(tmp_path):
    """Writes the machine's and the user's file; `load` and the others then read these."""

    class Files:
        machine = tmp_path / "machine.toml"
        user = tmp_path / "user.toml"

        def load(self, machine: str = "", user: str = "", **overrides):
            if machine:
                self.machine.write_text(machine, encoding="utf-8")
            if user:
                self.user.write_text(user, encoding="utf-8")
            return settings.load(self.machine, self.user, {key.replace("__", "."): v for key, v in overrides.items()})

        def save(self, changes):
            return settings.save_user(changes, self.machine, self.user)

    return Files()


def test_without_files_the_defaults_hold_and_are_themselves_valid(files):
    assert files.load() == settings.Settings()
    for key, field in settings.declared():
        default = {} if field.default is dataclasses.MISSING else field.default
        field.metadata["declaration"].refuse_unfit(key, default)


def test_each_key_is_declared_once_as_table_dot_name():
    keys = [key for key, _ in settings.declared()]
    assert len(set(keys)) == len(keys)
    assert all(key.count(".") == 1 for key in keys)
    assert all(field.metadata["help"].endswith(".") for _, field in settings.declared())


def test_the_users_value_wins_over_the_machines_and_overrides_over_both(files):
    machine = "[desk]\nscale = 120\ncapacity = 4\nwrapup_s = 30\n"
    user = "[desk]\nscale = 150\ncapacity = 5\n"
    got = files.load(machine, user, desk__scale=200)
    assert (got.scale, got.capacity, got.wrapup_s) == (200, 5, 30)


def test_a_locked_key_is_the_machines_alone(files):
    machine = 'locked = ["hub.url", "desk.capacity"]\n[hub]\nurl = "https://hub.example"\n'
    got = files.load(machine, '[hub]\nurl = "https://evil.example"\n[desk]\ncapacity = 50\nscale = 110\n')
    assert (got.hub_url, got.capacity, got.scale) == ("https://hub.example", 6, 110)
    assert settings.locked(files.machine) == {"hub.url", "desk.capacity"}
    assert settings.overruled(files.machine, files.user) == ("desk.capacity", "hub.url")


def test_a_users_file_cannot_lock(files):
    got = files.load("", 'locked = ["desk.scale"]\n[desk]\nscale = 130\n')
    assert got.scale == 130


def test_accounts_are_typed(files):
    got = files.load("", '[[phone.accounts]]\nuser = "1001"\ndomain = "dasan.test"\nsrtp = "required"\n')
    assert got.accounts == (Account(user="1001", domain="dasan.test", srtp="required"),)


ACCOUNT = '[[phone.accounts]]\nuser = "1"\ndomain = "d.test"\n'


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[desk]\nscale = 99", "desk.scale: must be at least 100"),
        ("[desk]\nscale = 201", "desk.scale: must be at most 200"),
        ('[desk]\nscale = "big"', "desk.scale: must be a whole number"),
        ("[desk]\nscale = true", "desk.scale: must be a whole number"),
        ('[desk]\ntheme = "pink"', "desk.theme: must be one of system, light, dark, contrast"),
        ("[desk]\nscael = 120", "desk.scael: is not a setting"),
        ("[phone]\nport = 70000", "phone.port: must be at most 65535"),
        ("[phone]\nport = -1", "phone.port: must be at least 0"),
        ("[phone]\nregister_s = 0", "phone.register_s: must be at least 1"),
        ("[phone]\nregister_s = 86401", "phone.register_s: must be at most 86400"),
        ("[hub]\nstore_limit_mb = -1", "hub.store_limit_mb: must be at least 0"),
        ("[hub]\nstore_limit_mb = 10000001", "hub.store_limit_mb: must be at most 10000000"),
        ('[phone]\nars_header = "X ARS"', "phone.ars_header: must be a SIP header's name"),
        ('[phone]\nemergency = ["119", "one"]', "phone.emergency.1: must be a telephone number"),
        ('[phone]\nbind = "localhost"', "phone.bind: must be an IP address"),
        (ACCOUNT + 'transport = "smoke"', "phone.accounts.0.transport: must be one of udp, tcp, tls"),
        (ACCOUNT + 'srtp = "maybe"', "phone.accounts.0.srtp: must be one of"),
        (ACCOUNT + 'proxy = "pbx"', "phone.accounts.0.proxy: must be a SIP address"),
        (ACCOUNT + 'pasword = "x"', "phone.accounts.0.pasword: unknown field"),
        ('[[phone.accounts]]\nuser = ""\ndomain = "d"', "phone.accounts.0.user: must not be empty"),
        ('[[phone.accounts]]\nuser = "1"', "phone.accounts.0.domain: is missing"),
        ('[hub]\nurl = "hub.example"', "hub.url: must be an http"),
        ('[hub]\nurl = "ftp://hub.example"', "hub.url: must be an http"),
        ('[hub]\nurl = "https://hub.example:0"', "hub.url: must be an http"),
        ('[hub]\nurl = "https://hub.example:99999"', "hub.url: must be an http"),
        ('[hub]\nurl = "https://[::1"', "hub.url: must be an http"),
        ('[hub]\nurl = "https://a b"', "hub.url: must be an http"),
        ('[hub]\npublic_url = "https://me:pw@hub.example"', "hub.public_url: must not hold a user name"),
        ('[hub]\npublic_url = "https://hub.example/?a=b"', "hub.public_url: must not hold"),
        ('[hub]\ntoken = "two words"', "hub.token: must be visible ASCII"),
        ('[hub]\ncentre_name = " "', "hub.centre_name: must not be empty"),
        (f'[hub]\ncentre_name = "{"x" * 101}"', "hub.centre_name: must be at most 100 characters"),
        ("[retention]\naccess_days = 30", "retention.access_days: must be at least 365"),
        ('[captions]\nlanguage = "Korean!"', "captions.language: must be a language tag"),
        ("[captions]\nvocabulary = [1]", "captions.vocabulary.0: must be text"),
        ("[desk.shortcuts]\nanswer = 9", "desk.shortcuts.answer: must be text"),
        ("desk = 3", "desk: must be a table"),
        ("[desk", "is not TOML"),
    ],
)
def test_a_bad_value_is_refused_with_its_file_and_key(files, text, key):
    for place in ("machine", "user"):
        files.machine.unlink(missing_ok=True)
        files.user.unlink(missing_ok=True)
        with pytest.raises(BadInput) as refused:
            files.load(**{place: text})
        assert str(refused.value).startswith(str(getattr(files, place)))
        assert key in str(refused.value)


@pytest.mark.parametrize("text", ['locked = "hub.url"', "locked = [1]"])
def test_locked_must_be_a_list_of_keys(files, text):
    with pytest.raises(BadInput, match="locked: must be a list"):
        files.load(text)


def test_no_variable_steps_around_its_file(tmp_path, monkeypatch):
    of_it = tmp_path / "it.toml"
    monkeypatch.setattr(platform, "_system_settings_file", lambda: of_it)
    monkeypatch.setenv("IEUM_MACHINE_SETTINGS", str(tmp_path / "mine.toml"))
    monkeypatch.setenv("IEUM_USER_SETTINGS", str(tmp_path / "user.toml"))
    (tmp_path / "user.toml").write_text("[desk]\ncapacity = 50\n")
    assert platform.machine_settings_file() == tmp_path / "mine.toml"
    assert settings.load().capacity == 50
    of_it.write_text('locked = ["desk.capacity"]\n')
    assert platform.machine_settings_file() == of_it
    assert settings.load().capacity == 6


@pytest.mark.parametrize("name", ["XDG_CONFIG_DIRS", "XDG_CONFIG_HOME", "HOME", "PROGRAMDATA"])
def test_the_place_of_its_file_is_the_systems_word(name, tmp_path, monkeypatch):
    before = platform._system_settings_file()
    monkeypatch.setenv(name, str(tmp_path))
    assert platform._system_settings_file() == before
    assert before.is_absolute()


def test_locking_what_is_no_setting_is_refused(files):
    with pytest.raises(BadInput, match=r"locked: hub\.uri: is not a setting"):
        files.load('locked = ["hub.uri"]')


def test_an_override_that_does_not_fit_names_its_key(files):
    with pytest.raises(BadInput, match=r"^desk\.scale: must be at least 100"):
        files.load(desk__scale=1)


def test_a_file_with_notepads_mark_is_read(files):
    files.user.write_bytes(b"\xef\xbb\xbf[desk]\nscale = 140\n")
    assert files.load().scale == 140


def test_a_file_that_is_no_text_or_no_file_is_told(files):
    files.user.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput, match="UTF-8"):
        files.load()
    files.user.unlink()
    files.user.mkdir()
    with pytest.raises(BadInput, match="cannot be read"):
        files.load()


def test_saving_keeps_comments_order_and_other_keys(files):
    files.load("", '# mine\n[desk]\n# eyes\nscale = 120 # percent\ntheme = "dark"\n\n[sound]\nring_volume = 30\n')
    got = files.save({"desk.scale": 150, "captions.vocabulary": ("다산콜", "안심돌봄"), "sound.ring_volume": None})
    assert (got.scale, got.theme, got.ring_volume) == (150, "dark", 80)
    assert got.vocabulary == ("다산콜", "안심돌봄")
    text = files.user.read_text(encoding="utf-8")
    assert text.startswith("# mine\n[desk]\n# eyes\nscale = 150 # percent\n")
    assert "ring_volume" not in text
    assert files.load() == got


def test_saving_makes_the_file_and_whole_tables(files):
    accounts = (Account(user="1001", domain="dasan.test"),)
    got = files.save({"phone.accounts": accounts, "desk.shortcuts": {"answer": "F9"}})
    assert got.accounts == accounts
    assert files.load().shortcuts == {"answer": "F9"}
    assert files.save({"desk.shortcuts": {"answer": "F8"}}).shortcuts == {"answer": "F8"}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"desk.capacity": 9}, "desk.capacity: is locked by IT"),
        ({"desk.capacity": None}, "desk.capacity: is locked by IT"),
        ({"desk.scale": 150, "desk.theme": "pink"}, "desk.theme: must be one of"),
        ({"desk.scael": 150}, "desk.scael: is not a setting"),
        ({"desk.scael": None}, "desk.scael: is not a setting"),
    ],
)
def test_a_refused_change_writes_nothing(files, changes, why):
    before = "[desk]\nscale = 110\n"
    files.load('locked = ["desk.capacity"]\n', before)
    with pytest.raises(BadInput, match=why):
        files.save(changes)
    assert files.user.read_text() == before


def test_secrets_come_from_the_key_store_where_the_file_has_none(files):
    loaded = files.load(
        '[[phone.accounts]]\nuser = "1001"\ndomain = "a.test"\n'
        '[[phone.accounts]]\nuser = "1002"\ndomain = "a.test"\npassword = "in file"\n'
        '[[phone.accounts]]\nuser = "1003"\ndomain = "a.test"\n'
    )
    kept = {"hub.token": "token", "sip:1001@a.test": "pw"}
    full = settings.with_secrets(loaded, kept.get)
    assert full.hub_token == "token"
    assert [account.password for account in full.accounts] == ["pw", "in file", ""]
    assert settings.with_secrets(dataclasses.replace(loaded, hub_token="mine"), kept.get).hub_token == "mine"


def test_the_reference_page_is_up_to_date():
    page = (ROOT / "resources/help/settings.md").read_text(encoding="utf-8")
    assert page == reference(), "run `make reference`"
