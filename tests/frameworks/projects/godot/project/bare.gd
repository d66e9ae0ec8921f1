extends SceneTree


func _init():
	quit()
