-- What Lua runs: a part of each kind, with a line after each part, so that every line is a place to be cut off at.
-- Nothing printed depends on addresses, the order of a table's keys, or time.

local function line(name, ...) print(string.format("%-12s", name), ...) end

-- numbers of our own, the same each time
local seed = 42
local function random(limit)
  seed = (seed * 1103515245 + 12345) & 0x7fffffff
  return seed // 65536 % limit + 1
end

-- tables and sorting
local list = {}
for i = 1, 20000 do list[i] = random(30000) end
table.sort(list)
local ordered = true
for i = 2, #list do ordered = ordered and list[i - 1] <= list[i] end
table.sort(list, function(a, b) return a > b end)
line("sort", #list, ordered, list[1], list[#list])

-- closures
local function counter()
  local count = 0
  return function(step) count = count + step; return count end
end
local ones, tens = counter(), counter()
for _ = 1, 1000 do ones(1); tens(10) end
line("closures", ones(0), tens(0))

-- coroutines: primes by a chain of filters, each a coroutine that resumes the one before it
local function numbers()
  return coroutine.wrap(function() for n = 2, math.huge do coroutine.yield(n) end end)
end
local function without(prime, source)
  return coroutine.wrap(function()
    for n in source do if n % prime ~= 0 then coroutine.yield(n) end end
  end)
end
local source, primes = numbers(), {}
for i = 1, 60 do
  primes[i] = source()
  source = without(primes[i], source)
end
line("coroutines", primes[1], primes[2], primes[60])

-- errors: caught, thrown on, thrown out of coroutines, with values, in finalisers, and where there is no room
local caught = 0
for i = 1, 20000 do
  local ok, message = pcall(function() if i % 2 == 0 then error({ code = i }) end end)
  if not ok then caught = caught + message.code end
end
line("pcall", caught)
local function nested(depth)
  if depth == 0 then error("at the bottom") end
  local ok, message = pcall(nested, depth - 1)
  error(message .. ".", 0)
end
line("nested", pcall(nested, 40))
local thread = coroutine.create(function() coroutine.yield(1); local none; return none.field end)
line("resume", coroutine.resume(thread))
line("resume", coroutine.resume(thread))
line("yield", coroutine.wrap(function() return pcall(function() return coroutine.yield() end) end)())
local closed = {}
line("close", pcall(function()
  local first <close> = setmetatable({}, { __close = function() closed[#closed + 1] = "first" end })
  local second <close> = setmetatable({}, { __close = function(_, why) closed[#closed + 1] = why end })
  error("out", 0)
end))
line("closed", table.concat(closed, " then "))
local function endless() return 1 + endless() end
line("overflow", (select(2, pcall(endless)):gsub("\n.*", "")))
line("traceback", (select(2, xpcall(function() error("here") end, debug.traceback)):gsub("\n.*", "")))
line("syntax", load("x = = 1", "chunk"))
line("arithmetic", pcall(function() return {} + 1 end))
line("compare", pcall(function() return 1 < "2" end))

-- strings
local words = {}
for word in ("the world goes on at the next instruction"):gmatch("%a+") do words[#words + 1] = word end
line("gmatch", #words, table.concat(words, "-"))
line("gsub", (("hello world"):gsub("o", { o = "0" }):gsub("(%w+) (%w+)", "%2 %1")))
line("format", string.format("%5.2f|%-6s|%06d|%x|%q|%g", math.pi, "ab", 42, 255, "a\nb", 1e100))
line("pack", string.unpack("<i4>i2z", string.pack("<i4>i2z", -7, 300, "text")))
line("utf8", utf8.len("añ€😀"), utf8.char(8364, 128512), #"añ€😀")
local pieces = {}
for i = 1, 20000 do pieces[#pieces + 1] = tostring(i):reverse() end
local text = table.concat(pieces, ",")
local digits = 0
for digit in text:gmatch("7") do digits = digits + #digit end
line("concat", #text, digits, text:find("89,99", 1, true))

-- objects with metatables
local Vector = {}
Vector.__index = Vector
Vector.__add = function(a, b) return setmetatable({ x = a.x + b.x, y = a.y + b.y }, Vector) end
Vector.__eq = function(a, b) return a.x == b.x and a.y == b.y end
Vector.__tostring = function(v) return "(" .. v.x .. ", " .. v.y .. ")" end
local sum = setmetatable({ x = 0, y = 0 }, Vector)
for i = 1, 50000 do sum = sum + setmetatable({ x = i, y = -i }, Vector) end
line("metatables", tostring(sum), sum == setmetatable({ x = sum.x, y = sum.y }, Vector))

-- integers of 64 bits, and floats
line("integers", math.maxinteger + 1 == math.mininteger, 7 // -2, 7 % -3, 1 << 62, 0xff ~ 0x0f)
local chaos = 0.5
for _ = 1, 200000 do chaos = 3.9 * chaos * (1 - chaos) end
line("floats", string.format("%.17g", chaos), 1 / 0, -1 // 0.0, 2 ^ 0.5)

-- garbage: many small tables of which few are kept
local kept = {}
for i = 1, 200000 do
  local node = { i, { i + 1 } }
  if i % 1000 == 0 then kept[#kept + 1] = node end
end
collectgarbage()
line("garbage", #kept, kept[100][2][1], collectgarbage("count") < 20000)

-- queens on a board of eight, all solutions
local function queens(size)
  local columns, rising, falling, found = {}, {}, {}, 0
  local function place(row)
    if row > size then found = found + 1; return end
    for column = 1, size do
      if not (columns[column] or rising[row + column] or falling[row - column + size]) then
        columns[column], rising[row + column], falling[row - column + size] = true, true, true
        place(row + 1)
        columns[column], rising[row + column], falling[row - column + size] = nil, nil, nil
      end
    end
  end
  place(1)
  return found
end
for size = 4, 8 do line("queens", size, queens(size)) end
