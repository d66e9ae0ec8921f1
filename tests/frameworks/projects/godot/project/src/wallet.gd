extends Reference

var coins = 0


func earn(count):
	coins += count


func spend(count):
	if count > coins:
		return false
	coins -= count
	return true
