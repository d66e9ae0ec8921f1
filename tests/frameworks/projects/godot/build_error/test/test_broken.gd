extends Reference


func test_never_parsed():
	var sum = (1 +
