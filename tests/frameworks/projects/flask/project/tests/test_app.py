def test_home(client):
    answer = client.get("/")
    assert (answer.status_code, answer.text) == (200, "hello")


def test_nowhere(client):
    assert client.get("/nowhere").status_code == 404
