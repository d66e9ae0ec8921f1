# Given by SPEC_OPTS="--require …/greenlane_rspec.rb", this listens to RSpec beside its formatters,
# which stay those of the project. Writes to the stream of greenlane_stream.rb. RSpec 3.
require_relative "greenlane_stream"

module Greenlane
  class RSpecListener
    EVENTS = [:start, :message, :example_started, :example_passed, :example_failed,
              :example_pending, :dump_summary, :close].freeze

    def self.listen
      Greenlane.stop_waiting if Greenlane.respond_to?(:stop_waiting)
      loader = RSpec.configuration.formatter_loader
      loader.reporter.register_listener(new(Stream.claim), *EVENTS)
      own = /--require "?#{Regexp.escape(__FILE__)}"?/
      ENV["SPEC_OPTS"] = ENV["SPEC_OPTS"].to_s.sub(own, "").strip
    end

    def initialize(stream)
      @stream = stream
      @outside = []
      @is_green = true
      @has_begun = @has_ended = false
      @ran = 0
    end

    def start(notification)
      begin_once
      @error_before = $!
      @stream.write(e: "plan", n: notification.count) unless RSpec.configuration.dry_run?
    end

    # What went wrong outside of an example is told as a text, like all that is said to people.
    def message(notification)
      begin_once
      text = notification.message.to_s
      @outside << text.gsub(/\e\[[\d;]*m/, "").strip if text =~ /An error occurred /
    end

    # An example without a text of its own has a name only when it has run.
    def example_started(notification)
      example = notification.example
      return if RSpec.configuration.dry_run? || example.metadata[:description].to_s.empty?
      @stream.write({ e: "start", id: id_of(example) }.merge(place_of(example)))
    end

    def example_passed(notification)
      result(notification.example, "passed", {})
    end

    def example_pending(notification)
      message = notification.example.execution_result.pending_message
      result(notification.example, "skipped", message: message)
    end

    def example_failed(notification)
      @is_green = false
      error = notification.example.execution_result.exception
      frames = notification.formatted_backtrace || []
      message = error.message.to_s.strip
      traceback = "#{error.class}: #{message}\n#{frames.first(50).join("\n")}"
      result(notification.example, "failed", message: message, traceback: traceback)
    end

    def dump_summary(summary)
      return if interrupted?
      count = @outside.size
      counted = :errors_outside_of_examples_count # RSpec 3.6 and newer
      count = summary.public_send(counted) if summary.respond_to?(counted)
      @is_green &&= count.zero?
      is_unsaid = @outside.empty? && count > 0
      texts = is_unsaid ? ["an error occurred outside of the examples"] : @outside
      status = @ran.zero? ? { status: "build_error" } : {}
      if RSpec.configuration.dry_run?
        @stream.write(e: "problem", text: "nothing was run: --dry-run", status: "listed")
      end
      texts.each { |text| @stream.write({ e: "problem", text: text }.merge(status)) }
      @has_ended = true
      @stream.write(e: "finish", ok: @is_green)
    end

    # A usage error closes the reporter before it ever started.
    def close(_notification)
      @stream.write(e: "finish", ok: nil) if @has_begun && !@has_ended && !interrupted?
    end

    private

    def begin_once
      return if @has_begun
      @has_begun = true
      @stream.write(e: "begin", framework: "rspec", root: Dir.pwd)
    end

    # RSpec calls an example passed, and sums up, while `exit` or a signal is unwinding it all.
    def interrupted?
      is_ending = $!.is_a?(SystemExit) || $!.is_a?(SignalException)
      @is_interrupted ||= is_ending && !$!.equal?(@error_before)
    end

    def result(example, outcome, texts)
      return if RSpec.configuration.dry_run? || interrupted?
      @ran += 1 unless outcome == "skipped"
      event = { e: "result", id: id_of(example), outcome: outcome,
                seconds: example.execution_result.run_time }
      @stream.write(event.merge(place_of(example)).merge(texts))
    end

    def id_of(example)
      name = example.full_description.to_s.strip
      name.empty? ? example.id : name
    end

    # The place by which RSpec can be told to run it: for a shared example where it is included.
    def place_of(example)
      file, _, line = example.location_rerun_argument.to_s.rpartition(":")
      { file: File.expand_path(file), line: line.to_i }
    end
  end
end

Greenlane::RSpecListener.listen if ENV["GREENLANE_STREAM"]
