extends Reference


func test_waits_for_ever():
	while true:
		OS.delay_msec(50)
