"""The consumers' login: theirs, or an administrator's that takes their role on."""

from consumers import login
from podium.settings import rolname


def test_an_administrator_takes_the_role_on_and_no_more(administrator: str) -> None:
    with login.connect(administrator) as connection:
        found = connection.execute("SELECT session_user, current_user, current_setting('is_superuser')").fetchone()
        assert found == (login.ROLE, login.ROLE, "off")
    assert rolname("consumer") == login.ROLE
