extends Node

signal opened

var is_open = false


func open():
	yield(get_tree(), "idle_frame")
	is_open = true
	emit_signal("opened")
