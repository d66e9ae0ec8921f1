extends SceneTree
# Runs the test methods of a Godot 4 project's scripts, for greenlane_godot.py, which starts it.
# The rules and the events are those of greenlane_godot3.gd.

var _mark := OS.get_environment("GREENLANE_GODOT_MARK")


func _initialize() -> void:
	_run()


func _run() -> void:
	await process_frame
	var tests := []
	for path in _scripts("res://"):
		_tell({"e": "load", "path": path})
		var script = load(path)
		if script is GDScript and script.can_instantiate():
			for method in _methods(script):
				tests.append([script, path, method])
		else:
			_tell({"e": "broken", "path": path})
	tests = _wanted(tests)
	_tell({"e": "plan", "ids": tests.map(_id)})
	for test in tests:
		_tell({"e": "start", "id": _id(test)})
		var began := Time.get_ticks_usec()
		var told = await _call(test[0], test[2])
		var seconds := (Time.get_ticks_usec() - began) / 1e6
		_tell({"e": "result", "id": _id(test), "told": told, "seconds": seconds})
	_tell({"e": "finish"})
	quit(0)


func _call(script, method):
	var instance = script.new()
	if instance is Node:
		root.add_child(instance)
	if instance.has_method("before_each"):
		await instance.call("before_each")
	var told = await instance.call(method)
	if not (told is bool or told is String):
		told = null
	if instance.has_method("after_each"):
		await instance.call("after_each")
	if not instance is RefCounted:
		instance.free()
	return told


func _methods(script) -> Array:
	var places := {}
	for method in script.get_script_method_list():
		if method.name.begins_with("test_"):
			var place: int = maxi(0, script.source_code.find("func %s(" % method.name))
			places["%010d %s" % [place, method.name]] = method.name
	var order := places.keys()
	order.sort()
	return order.map(func(key): return places[key])


func _scripts(folder: String) -> Array:
	var found := []
	if FileAccess.file_exists(folder.path_join(".gdignore")):
		return found
	for name in DirAccess.get_files_at(folder):
		if name.get_extension() == "gd":
			if name.begins_with("test_") or name.ends_with("_test.gd"):
				found.append(folder.path_join(name))
	found.sort()
	var folders := Array(DirAccess.get_directories_at(folder))
	folders.sort()
	for name in folders:
		if name != "addons" and not name.begins_with("."):
			found += _scripts(folder.path_join(name))
	return found


func _wanted(tests: Array) -> Array:
	var path := OS.get_environment("GREENLANE_GODOT_ONLY")
	if path == "":
		return tests
	var only = JSON.parse_string(FileAccess.get_file_as_string(path))
	if not only is Array:
		return []
	return tests.filter(func(test): return _id(test) in only)


func _id(test: Array) -> String:
	return "%s.%s" % [test[1], test[2]]


func _tell(event: Dictionary) -> void:
	printerr(_mark, JSON.stringify(event))
