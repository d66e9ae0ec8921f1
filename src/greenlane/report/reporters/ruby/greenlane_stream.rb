# The stream of events that Greenlane reads: one JSON object a line, in a file of its own for each
# process, in the folder $GREENLANE_STREAM. The format is said in report/formats/stream.py.
#
# Nothing is required, and never a gem: what a project's bundle activates stays its own choice.
# Every error is swallowed, for a reporter that fails would fail the run. Ruby 2.3 and newer.
module Greenlane
  class Stream
    TEXT_LIMIT = 8000 # characters of one text
    ESCAPES = { '"' => '\"', "\\" => "\\\\" }.freeze

    # Take the folder out of the environment: the tests' own children must not write to it.
    def self.claim
      folder = ENV.delete("GREENLANE_STREAM")
      ENV["RUBYOPT"] = ENV["RUBYOPT"].sub("-rgreenlane_ruby", "").strip if ENV["RUBYOPT"]
      new(folder)
    end

    attr_reader :pid

    def initialize(folder)
      @pid = Process.pid
      mode = File::WRONLY | File::APPEND | File::CREAT
      @file = File.open(File.join(folder, "stream-#{@pid}.jsonl"), mode) if folder
    rescue SystemCallError
      @file = nil
    end

    # Write an event with one system call, so that the lines of forked workers stay whole.
    def write(event)
      @file.syswrite(json(event) + "\n") if @file
    rescue StandardError
      nil
    end

    private

    def json(value)
      case value
      when Hash
        "{" + value.map { |key, one| "#{quote(key.to_s)}: #{json(one)}" }.join(", ") + "}"
      when Array then "[" + value.map { |one| json(one) }.join(", ") + "]"
      when Integer, true, false then value.to_s
      when Float then value.finite? ? value.round(6).to_s : "0"
      when nil then "null"
      else quote(value.to_s)
      end
    end

    def quote(text)
      text = text.encoding == Encoding::BINARY ? text.dup.force_encoding("UTF-8") : text
      text = text.encode("UTF-8", invalid: :replace, undef: :replace).scrub("?")
      special = /["\\\u0000-\u001f]/
      '"' + bound(text).gsub(special) { |char| ESCAPES[char] || format("\\u%04x", char.ord) } + '"'
    end

    def bound(text)
      return text if text.size <= TEXT_LIMIT
      text[0, TEXT_LIMIT * 2 / 3] + "\n[...]\n" + text[-TEXT_LIMIT / 3, TEXT_LIMIT]
    end
  end
end
