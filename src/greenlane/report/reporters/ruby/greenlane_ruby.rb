# Given to every Ruby process by RUBYOPT, this waits for Minitest and is nothing else: where no
# Minitest is loaded, or $GREENLANE_STREAM is not set, nothing happens.
#
# Minitest 5 would load a plugin by itself and Minitest 6 no more, and `bundle exec`, rake and
# Rails start it each in their own way; all of them call the two methods that are wrapped here.
module Greenlane
  # Wraps `Minitest.autorun` and the others, whichever version defines them later.
  module MinitestHooks
    SELECTED = "GREENLANE_SELECT="

    # A file of tests that cannot be loaded ends the process before Minitest begins.
    def autorun
      at_exit { MinitestReporter.tell_why_nothing_ran($!) }
      super
    end

    # `rake test GREENLANE_SELECT=regex` runs only the tests whose Class#name matches.
    def process_args(args = [])
      said = args.find { |word| word.start_with?(SELECTED) }
      args = args - [said] if said
      selected = said ? said[SELECTED.size..-1] : ENV.delete("GREENLANE_SELECT")
      super(selected ? args + ["--name", "/#{selected}/"] : args)
    end

    def init_plugins(options)
      super
      reporter << MinitestReporter.begin(options) if ENV["GREENLANE_STREAM"]
    end
  end

  # Wraps each test: it runs in a forked worker where the application asks for those.
  module MinitestStart
    def run(*)
      MinitestReporter.current.start_of(self)
      super
    end
  end

  # Stands among Minitest's reporters and tells the stream what they are told.
  class MinitestReporter
    class << self
      attr_reader :current

      def begin(options)
        ::Minitest::Test.prepend(MinitestStart) unless @current
        @current = new(Stream.claim, options)
      end

      def tell_why_nothing_ran(error)
        return if @current || error.nil? || error.is_a?(SignalException) || !ENV["GREENLANE_STREAM"]
        cause = error.is_a?(SystemExit) ? error.cause : error
        return if error.is_a?(SystemExit) && !cause.is_a?(ScriptError)
        stream = Stream.claim
        stream.write(e: "begin", framework: "minitest", root: Dir.pwd)
        text = "#{cause.class}: #{cause.message}\n#{(cause.backtrace || []).first(10).join("\n")}"
        stream.write(e: "problem", text: text, status: "build_error")
        stream.write(e: "finish", ok: false)
      end
    end

    def initialize(stream, options)
      @stream = stream
      @options = options
      @is_green = true
    end

    def start
      @stream.write(e: "begin", framework: "minitest", root: Dir.pwd)
      ids = planned
      @stream.write(e: "plan", ids: ids) if ids
    end

    def start_of(test)
      file, line = place { test.method(test.name).source_location }
      @stream.write(e: "start", id: "#{test.class.name}##{test.name}", file: file, line: line)
    end

    def prerecord(_class, _name); end

    def record(result)
      name = result.respond_to?(:klass) ? result.klass : result.class.name
      file, line = place { source_location(result) }
      failure = result.failure
      event = { e: "result", id: "#{name}##{result.name}", outcome: outcome(result),
                seconds: result.time, file: file, line: line }
      event[:message] = message(failure) if failure
      event[:traceback] = traceback(result) if failure && !result.skipped?
      @is_green &&= result.passed? || result.skipped?
      @stream.write(event)
    end

    def report
      @stream.write(e: "finish", ok: @is_green) if Process.pid == @stream.pid
    end

    def passed?
      true
    end

    private

    # Name all tests where nothing is left out, without asking Minitest to shuffle them: that would
    # take numbers from its seed. A class that finds its tests in its own way is left out.
    def planned
      return if @options[:filter] || @options[:include] || @options[:exclude]
      usual = [::Minitest::Test.singleton_class]
      usual << ::Minitest::Spec.singleton_class if defined?(::Minitest::Spec)
      classes = ::Minitest::Runnable.runnables.select do |one|
        one <= ::Minitest::Test && usual.include?(one.method(:runnable_methods).owner)
      end
      classes.flat_map { |one| one.methods_matching(/^test_/).map { |name| "#{one}##{name}" } }
    rescue StandardError
      nil
    end

    def outcome(result)
      return "passed" if result.passed?
      return "skipped" if result.skipped?
      result.error? ? "error" : "failed"
    end

    # An error that Minitest did not expect carries its frames in its message.
    def message(failure)
      cause = cause_of(failure)
      cause.equal?(failure) ? failure.message : "#{cause.class}: #{cause.message}"
    rescue StandardError
      failure.class.name
    end

    def traceback(result)
      result.failures.map do |one|
        cause = cause_of(one)
        frames = ::Minitest.filter_backtrace(cause.backtrace || [])
        frames = frames.reject { |one| one.start_with?(__FILE__) }
        "#{cause.class}: #{cause.message}\n#{frames.first(50).join("\n")}"
      end.join("\n\n")
    rescue StandardError
      message(result.failure)
    end

    def cause_of(failure)
      failure.respond_to?(:error) ? failure.error : failure
    end

    def source_location(result)
      return result.source_location if result.respond_to?(:source_location)
      result.method(result.name).source_location
    end

    # A place that is none ("unknown", -1) is left away.
    def place
      file, line = yield
      line.is_a?(Integer) && line.positive? ? [File.expand_path(file), line] : [nil, nil]
    rescue StandardError
      [nil, nil]
    end
  end

  # Wrap Minitest as soon as there is one. Each `end` of a class or module is looked at until then.
  def self.wait_for_minitest
    require_relative "greenlane_stream"
    TracePoint.new(:end) do |point|
      if Object.const_defined?(:Minitest, false) && !Object.autoload?(:Minitest)
        point.disable
        ::Minitest.singleton_class.prepend(MinitestHooks)
      end
    end.tap { |trace| @waiting = trace }.enable
  end

  def self.stop_waiting
    @waiting.disable if @waiting
  end
end

Greenlane.wait_for_minitest if ENV["GREENLANE_STREAM"]
