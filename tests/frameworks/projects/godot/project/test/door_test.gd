extends Node

const Door = preload("res://src/door.gd")


func test_opens_in_the_next_frame():
	var door = Door.new()
	add_child(door)
	yield(door.open(), "completed")
	return door.is_open
