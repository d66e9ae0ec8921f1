extends SceneTree
# Runs the test methods of a Godot 3 project's scripts, for greenlane_godot.py, which starts it.
#
# A test is a method `test_*` of a script `test_*.gd` or `*_test.gd` anywhere but in `addons`.
# It fails when it returns false or a text (the message), when an `assert` fails, and when a script
# error is printed meanwhile. Each has an instance of its own; `before_each` and `after_each` are
# called where they exist. A Node is in the tree while its test runs.
# Events go to the error output, one JSON object a line behind a mark, so that the engine's own
# script errors stand in order between them.

var _mark = OS.get_environment("GREENLANE_GODOT_MARK")


func _initialize():
	_run()


func _run():
	yield(self, "idle_frame")
	var tests = []
	for path in _scripts("res://"):
		_tell({"e": "load", "path": path})
		var script = load(path)
		if script is GDScript and script.can_instance():
			for method in _methods(script):
				tests.append([script, path, method])
		else:
			_tell({"e": "broken", "path": path})
	tests = _wanted(tests)
	_tell({"e": "plan", "ids": _ids(tests)})
	for test in tests:
		var id = "%s.%s" % [test[1], test[2]]
		_tell({"e": "start", "id": id})
		var began = OS.get_ticks_usec()
		var told = _call(test[0], test[2])
		if told is GDScriptFunctionState:
			told = yield(told, "completed")
		_tell({"e": "result", "id": id, "told": told, "seconds": (OS.get_ticks_usec() - began) / 1e6})
	_tell({"e": "finish"})
	quit(0)


func _call(script, method):
	var instance = script.new()
	if instance is Node:
		root.add_child(instance)
	var told = _step(instance, "before_each")
	if told is GDScriptFunctionState:
		yield(told, "completed")
	told = instance.call(method)
	if told is GDScriptFunctionState:
		told = yield(told, "completed")
	if not (told is bool or told is String):
		told = null
	var after = _step(instance, "after_each")
	if after is GDScriptFunctionState:
		yield(after, "completed")
	if instance is Node or not instance is Reference:
		instance.free()
	return told


func _step(instance, method):
	return instance.call(method) if instance.has_method(method) else null


func _methods(script):
	var places = {}
	for method in script.get_script_method_list():
		if method.name.begins_with("test_"):
			var place = script.source_code.find("func %s(" % method.name)
			places["%010d %s" % [place if place >= 0 else 0, method.name]] = method.name
	var order = places.keys()
	order.sort()
	var names = []
	for key in order:
		names.append(places[key])
	return names


func _scripts(folder):
	var found = []
	var folders = []
	var directory = Directory.new()
	if directory.open(folder) != OK or directory.file_exists(".gdignore"):
		return found
	directory.list_dir_begin(true, true)
	var name = directory.get_next()
	while name != "":
		if directory.current_is_dir():
			if name != "addons":
				folders.append(folder.plus_file(name))
		elif name.get_extension() == "gd":
			if name.begins_with("test_") or name.ends_with("_test.gd"):
				found.append(folder.plus_file(name))
		name = directory.get_next()
	found.sort()
	folders.sort()
	for below in folders:
		found += _scripts(below)
	return found


func _wanted(tests):
	var text = OS.get_environment("GREENLANE_GODOT_ONLY")
	if text == "":
		return tests
	var file = File.new()
	var only = []
	if file.open(text, File.READ) == OK:
		only = parse_json(file.get_as_text())
	var wanted = []
	for test in tests:
		if "%s.%s" % [test[1], test[2]] in only:
			wanted.append(test)
	return wanted


func _ids(tests):
	var ids = []
	for test in tests:
		ids.append("%s.%s" % [test[1], test[2]])
	return ids


func _tell(event):
	printerr(_mark, to_json(event))
