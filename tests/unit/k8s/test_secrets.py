import pytest

from grayc.k8s.secrets import looks_secret


@pytest.mark.parametrize(
    "name",
    ["DB_PASSWORD", "dbPassword", "password", "MYSQL_PASSWD", "PGPASSWORD", "API_KEY", "apiKey", "APIKEY", "SECRET_ACCESS_KEY",
     "client-secret", "AUTH_TOKEN", "accessToken", "SIGN_KEY", "PRIVATE_KEY", "db.password", "DSN", "SENTRY_DSN", "PWD", "JWT",
     "CREDENTIALS", "SPRING_DATASOURCE_PASSWORD"],
)  # fmt: skip
def test_names_of_secrets_look_secret(name: str) -> None:
    assert looks_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        "HOST",
        "KEYCLOAK_URL",
        "MONKEY",
        "JAVA_OPTS",
        "LOG_LEVEL",
        "DB_HOST",
        "COMPASS",
        "PASSAGE",
        "",
        "AUTHOR",
        "KEYSPACE",
    ],
)
def test_other_names_do_not(name: str) -> None:
    assert not looks_secret(name)
