// What QuickJS runs: a part of each kind, with a line after each part, so that every line is a place to be cut off at.
// Nothing printed depends on time or on random numbers that are not made here.
"use strict";

let seed = 42;
function random(limit) {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return (seed >>> 16) % limit;
}

// arrays and sorting
const list = Array.from({ length: 20000 }, () => random(30000));
list.sort((a, b) => a - b);
print("sort", list.length, list.every((number, i) => i === 0 || list[i - 1] <= number), list[0], list[10000]);

// closures
function counter() {
    let count = 0;
    return (step) => (count += step);
}
const ones = counter(), tens = counter();
for (let i = 0; i < 1000; i++) { ones(1); tens(10); }
print("closures", ones(0), tens(0));

// generators: primes by a chain of filters
function* numbers() { for (let n = 2; ; n++) yield n; }
function* without(prime, source) { for (const n of source) if (n % prime !== 0) yield n; }
let source = numbers();
const primes = [];
while (primes.length < 60) {
    const prime = source.next().value;
    primes.push(prime);
    source = without(prime, source);
}
print("generators", primes.slice(0, 5), primes[59]);

// exceptions
function nested(depth) {
    if (depth === 0) throw new RangeError("at the bottom");
    try { return nested(depth - 1); } finally { ones(1); }
}
try { nested(100); } catch (error) { print("finally", error.name, error.message, ones(0)); }
try { (function endless() { endless(); })(); } catch (error) { print("overflow", String(error)); }
try { null.field; } catch (error) { print("null", String(error)); }
try { eval("let = = 1"); } catch (error) { print("syntax", error.name); }

// JSON
const tree = (depth) => depth === 0 ? { leaf: true, text: "ä€😀\n" } : { left: tree(depth - 1), right: [tree(depth - 1), depth] };
let json = JSON.stringify(tree(9));
for (let i = 0; i < 5; i++) json = JSON.stringify(JSON.parse(json));
print("json", json.length, JSON.stringify(JSON.parse(json)) === JSON.stringify(tree(9)), JSON.stringify({ a: [1, { b: null }] }, null, 1));

// regular expressions
const text = Array.from({ length: 3000 }, (_, i) => `user${i}@host${i % 7}.org`).join(", ");
const hosts = new Map();
for (const match of text.matchAll(/(?<user>[a-z]+\d+)@(?<host>[\w.]+)/g)) {
    hosts.set(match.groups.host, (hosts.get(match.groups.host) ?? 0) + 1);
}
print("regexp", hosts.size, [...hosts.entries()].map(([host, count]) => host + "=" + count).join(" "));
print("replace", "2026-01-31".replace(/(\d+)-(\d+)-(\d+)/, "$3.$2.$1"), /(?<=a)b+(?!c)/.exec("abbbc")[0], /\p{Lu}/u.test("É"));

// Map, Set, symbols, proxies, typed arrays, destructuring
const words = new Map();
for (let i = 0; i < 40000; i++) {
    const word = "w" + random(500);
    words.set(word, (words.get(word) || 0) + 1);
}
print("map", words.size, [...words.values()].reduce((a, b) => a + b), new Set([...words.keys()].map((w) => w.length)).size);
const proxy = new Proxy({}, { get: (_, name) => name + "!" });
const { a, b: [c, ...rest] } = { a: 1, b: [2, 3, 4] };
print("objects", proxy.hello, a, c, rest, Symbol("s").toString(), typeof Symbol.iterator);
const bytes = new Uint8Array(1 << 16);
for (let i = 0; i < bytes.length; i++) bytes[i] = i * i;
const view = new DataView(bytes.buffer);
print("bytes", bytes.reduce((a, b) => (a * 31 + b) | 0, 7), view.getUint32(2), view.getFloat64(16, true));

// big integers
let factorial = 1n;
for (let i = 1n; i <= 300n; i++) factorial *= i;
print("bigint", String(factorial).length, factorial % 1000000007n, (2n ** 521n - 1n).toString(16).length, -7n / 2n);

// numbers and dates
let chaos = 0.5;
for (let i = 0; i < 200000; i++) chaos = 3.9 * chaos * (1 - chaos);
print("floats", chaos, 0.1 + 0.2, 1e21, (1234.5678).toFixed(2), (255).toString(36), Math.hypot(3, 4), parseFloat("1e-7"));
print("date", new Date(Date.UTC(2026, 0, 31, 12)).toISOString(), Date.parse("1970-01-01T00:00:01Z"));

// promises, which run when the script has ended
(async () => {
    let sum = 0;
    for (let i = 0; i < 2000; i++) sum += await Promise.resolve(i);
    print("async", sum);
    for (let size = 4; size <= 8; size++) print("queens", size, queens(size));
    return Promise.reject(new Error("caught"));
})().catch((error) => print("rejected", error.message)).finally(() => print("end"));

// queens on a board of eight, all solutions
function queens(size, row = 0, columns = 0, rising = 0, falling = 0) {
    if (row === size) return 1;
    let found = 0;
    for (let column = 0; column < size; column++) {
        const up = 1 << (row + column), down = 1 << (row - column + size), bit = 1 << column;
        if ((columns & bit) || (rising & up) || (falling & down)) continue;
        found += queens(size, row + 1, columns | bit, rising | up, falling | down);
    }
    return found;
}
print("script", "ends");
