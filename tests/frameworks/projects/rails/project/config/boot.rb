# Rails comes from the machine's own packages: there is no Gemfile, and nothing else loads these.
require "logger"
require "pathname"
