require "calc"
