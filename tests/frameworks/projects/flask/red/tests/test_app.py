def test_home(client):
    assert client.get("/").text == "good bye"


def test_nowhere(client):
    assert client.get("/nowhere").status_code == 404
