-- busted's terminal output, and beside it each test as it ends in GREENLANE_BUSTED_DIR, in the
-- stream format of greenlane/report/formats/stream.py.

local ok, json = pcall(require, 'dkjson')

local OUTCOMES = { success = 'passed', pending = 'skipped', failure = 'failed', error = 'error' }

local function open()
  local folder = os.getenv('GREENLANE_BUSTED_DIR')
  if not folder or not ok then
    return nil
  end
  local name = tostring({}):match('0x(%x+)') or 'lua'
  local file = io.open(('%s/stream-%s-%d.jsonl'):format(folder, name, os.time()), 'a')
  if file then
    file:setvbuf('no')
  end
  return file
end

return function(options)
  local busted = require 'busted'
  local handler = require 'busted.outputHandlers.utfTerminal'(options)
  local file = open()
  if not file then
    return handler
  end
  local said, red = {}, false

  local function write(event)
    local is_encoded, line = pcall(json.encode, event, { keyorder = { 'e', 'framework' } })
    if is_encoded then
      file:write(line .. '\n')
    end
  end

  local function on(event, action)
    busted.subscribe(event, function(...)
      pcall(action, ...)
      return nil, true
    end, { priority = 1 })
  end

  local function text(value)
    return type(value) == 'string' and value or tostring(value)
  end

  local function place(element)
    local trace = element.trace or {}
    return trace.short_src, trace.currentline
  end

  on({ 'suite', 'start' }, function()
    write({ e = 'begin', framework = 'busted', root = os.getenv('PWD') })
  end)
  on({ 'test', 'start' }, function(element)
    local source, line = place(element)
    write({ e = 'start', id = handler.getFullName(element), file = source, line = line })
  end)
  for _, kind in ipairs({ 'failure', 'error' }) do
    on({ kind, 'it' }, function(_, _, message, trace)
      said = { message = text(message), traceback = trace and trace.traceback }
    end)
    for _, where in ipairs({ 'file', 'describe', 'output' }) do
      on({ kind, where }, function(element, _, message)
        red = true
        write({ e = 'problem', text = text(element.name) .. ': ' .. text(message) })
      end)
    end
  end
  on({ 'test', 'end' }, function(element, _, status)
    local source, line = place(element)
    red = red or status == 'failure' or status == 'error'
    write({
      e = 'result',
      id = handler.getFullName(element),
      outcome = OUTCOMES[status] or 'error',
      file = source,
      line = line,
      seconds = element.duration,
      message = said.message,
      traceback = said.traceback,
    })
    said = {}
  end)
  on({ 'suite', 'end' }, function()
    write({ e = 'finish', ok = not red })
  end)

  return handler
end
