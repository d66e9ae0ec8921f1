# nothing to test
