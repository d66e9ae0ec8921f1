extends Reference

const Wallet = preload("res://src/wallet.gd")

var wallet


func before_each():
	wallet = Wallet.new()
	wallet.earn(10)


func test_earns():
	wallet.earn(5)
	assert(wallet.coins == 15)


func test_spends():
	return wallet.spend(4) and wallet.coins == 6


func test_refuses_a_debt():
	if wallet.spend(11):
		return "it spent more than it had"
