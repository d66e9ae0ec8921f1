# Loaded into each Elixir VM by ELIXIR_ERL_OPTIONS, this stands beside ExUnit's own formatters and
# writes the stream that report/formats/stream.py describes. Elixir 1.11 and newer, nothing else.
defmodule Greenlane.Formatter do
  use GenServer

  @text_limit 8000

  # `ExUnit.start(formatters: …)` in a test_helper replaces what was set before it, and so does
  # `--formatter`: the list is looked at again and again.
  def keep_in_place do
    System.delete_env("GREENLANE_EXUNIT")

    if folder = System.get_env("GREENLANE_STREAM") do
      :persistent_term.put(__MODULE__, Path.join(folder, "stream-#{System.pid()}.jsonl"))
      System.at_exit(&tell_why_not_finished/1)
      spawn(&keep/0)
    end
  end

  defp keep do
    formatters = Application.get_env(:ex_unit, :formatters, [])

    if formatters != [] and __MODULE__ not in formatters do
      # The tests' own children must not write to the stream.
      System.delete_env("GREENLANE_STREAM")
      Application.put_env(:ex_unit, :formatters, formatters ++ [__MODULE__], persistent: true)
      if ids = selected(), do: Application.put_env(:ex_unit, :only_test_ids, ids, persistent: true)
    end

    Process.sleep(2)
    keep()
  end

  # `--include "greenlane:ID…"`, one id a line, means nothing to ExUnit and to us only those tests,
  # in the way in which `mix test --failed` says it.
  defp selected do
    case Enum.find(System.argv(), &String.starts_with?(&1, "greenlane:")) do
      nil -> nil
      "greenlane:" <> ids -> ids |> String.split("\n") |> Enum.flat_map(&test_id/1) |> MapSet.new()
    end
  end

  defp test_id(id) do
    case Regex.run(~r/^((?:[A-Z]\w*\.)+)(.+)$/su, id) do
      [_, module, name] -> [{Module.concat([String.trim_trailing(module, ".")]), String.to_atom(name)}]
      nil -> []
    end
  end

  # Tests run while others are still compiled; what ends Mix before the tests ended is an error
  # there.
  defp tell_why_not_finished(status) do
    if status != 0 and :persistent_term.get({__MODULE__, :phase}, nil) == :begun do
      {:ok, state} = init([])
      write(state, e: "problem", text: "the test files were not all loaded", status: "build_error")
      finish(%{state | is_green: false})
    end
  end

  @impl true
  def init(_options) do
    path = :persistent_term.get(__MODULE__, nil)

    case path && :file.open(path, [:append, :raw, :binary]) do
      {:ok, file} -> {:ok, %{file: file, is_green: true, invalid: %{}}}
      _ -> {:ok, %{file: nil, is_green: true, invalid: %{}}}
    end
  end

  @impl true
  def handle_cast({:suite_started, _}, state) do
    :persistent_term.put({__MODULE__, :phase}, :begun)
    write(state, e: "begin", framework: "exunit", root: File.cwd!())
    {:noreply, state}
  end

  def handle_cast({:test_started, test}, state) do
    if is_nil(test.state), do: write(state, [e: "start", id: id(test)] ++ place(test))
    {:noreply, state}
  end

  # Why a module is invalid is said only when it has finished.
  def handle_cast({:test_finished, %{state: {:invalid, _}} = test}, state) do
    {:noreply, %{state | invalid: Map.update(state.invalid, test.module, [test], &[test | &1])}}
  end

  def handle_cast({:test_finished, test}, state) do
    {:noreply, result(state, test, told(test))}
  end

  def handle_cast({:module_finished, module}, state) do
    {invalid, others} = Map.pop(state.invalid, module.name, [])
    told = [outcome: "error"] ++ texts(module_text(module))
    state = Enum.reduce(Enum.reverse(invalid), state, &result(&2, &1, told))
    {:noreply, %{state | invalid: others}}
  end

  def handle_cast({:suite_finished, _}, state), do: finish(state)
  def handle_cast({:suite_finished, _, _}, state), do: finish(state)
  def handle_cast(_, state), do: {:noreply, state}

  defp finish(state) do
    :persistent_term.put({__MODULE__, :phase}, :finished)
    write(state, e: "finish", ok: state.is_green)
    {:noreply, state}
  end

  defp result(state, _test, nil), do: state

  defp result(state, test, told) do
    seconds = [seconds: test.time / 1_000_000]
    write(state, [e: "result", id: id(test)] ++ place(test) ++ seconds ++ told)
    %{state | is_green: state.is_green and told[:outcome] not in ["failed", "error"]}
  end

  defp told(%{state: nil}), do: [outcome: "passed"]
  defp told(%{state: {:excluded, _}}), do: nil
  defp told(%{state: {:skipped, why}}), do: [outcome: "skipped", message: text(why)]

  defp told(%{state: {:failed, failures}} = test) do
    text = format(:format_test_failure, [test, failures, 1, 80, &plain/2])
    [outcome: "failed"] ++ texts(text)
  end

  defp told(_), do: [outcome: "error"]

  defp module_text(%{state: {:failed, failures}} = module) do
    format(:format_test_all_failure, [module, failures, 1, 80, &plain/2])
  end

  defp module_text(_), do: "failure on setup_all callback"

  # The first two lines of a failure are its number, name and place.
  defp texts(text) do
    lines = text |> String.split("\n") |> Enum.map(&String.replace_prefix(&1, "     ", ""))
    said = lines |> Enum.drop_while(&Regex.match?(~r/^\s*(\d+\) .*|\S+:\d+|)$/, &1)) |> Enum.join("\n")
    [first | _] = String.split(said, ~r/\n(code|stacktrace): ?/, parts: 2)
    [message: String.trim(first), traceback: String.trim(said)]
  end

  defp plain(:diff_enabled?, _), do: false
  defp plain(_, text), do: text

  defp id(test), do: "#{inspect(test.module)}.#{test.name}"

  defp place(%{tags: %{file: file, line: line}}), do: [file: file, line: line]
  defp place(_), do: []

  # ExUnit is not loaded yet when this module is compiled, which is no reason for a warning.
  defp format(function, arguments) do
    formatter = String.to_atom("Elixir.ExUnit.Formatter")
    formatter |> apply(function, arguments) |> IO.iodata_to_binary()
  rescue
    error -> "the failure cannot be formatted: #{inspect(error)}"
  end

  defp write(%{file: nil}, _), do: :ok

  defp write(%{file: file}, event) do
    fields = Enum.map(event, fn {key, value} -> [?", to_string(key), "\": ", json(value)] end)
    :file.write(file, ["{", Enum.intersperse(fields, ", "), "}\n"])
  end

  defp json(value) when is_boolean(value) or is_integer(value), do: to_string(value)
  defp json(value) when is_float(value), do: :erlang.float_to_binary(value, decimals: 6)
  defp json(value), do: [?", value |> text() |> bounded() |> escaped(), ?"]

  defp text(value) when is_binary(value), do: value
  defp text(value), do: inspect(value)

  defp bounded(text) do
    case :unicode.characters_to_binary(text) do
      text when is_binary(text) and byte_size(text) <= @text_limit -> text
      text when is_binary(text) -> String.slice(text, 0, @text_limit) <> "\n[...]"
      _ -> inspect(text, limit: @text_limit, printable_limit: @text_limit)
    end
  end

  defp escaped(text) do
    for <<char::utf8 <- text>>, into: "" do
      case char do
        ?" -> "\\\""
        ?\\ -> "\\\\"
        char when char < 32 -> "\\u" <> String.pad_leading(Integer.to_string(char, 16), 4, "0")
        char -> <<char::utf8>>
      end
    end
  end
end

Greenlane.Formatter.keep_in_place()
