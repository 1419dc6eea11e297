// What a sandbox can do, a few lines of each: `node examples/sandboxes/tour.ts`
import { Sandbox } from '@ephemera/sandbox';
import { place } from './place.ts';

await using sandbox = await Sandbox.create({
  on: place(),
  image: 'busybox:1',
  env: { GREETING: 'hello' },
  resources: { limits: { cpu: '500m', memory: '256Mi' } },
  timeoutMs: 10 * 60_000,
  onStage: ({ stage }) => console.log(`stage ${stage}`),
});

// A program and its arguments. No shell is asked, so nothing in them means anything.
const plain = await sandbox.commands.run(['echo', '$GREETING; not a second command']);
console.log(plain.stdout.trimEnd());

// A line for a shell, by the call that is named for it. What others wrote goes in by a variable, not into the line.
const said = await sandbox.commands.shell('echo "$GREETING $WHO"; echo oh >&2; exit 7', {
  env: { WHO: 'you; rm -rf /' },
});
console.log(said.exitCode, said.stdout.trimEnd(), said.stderr.trimEnd());

// Output while it comes, and something to read.
const sorted = await sandbox.commands.run(['sort'], {
  stdin: 'pear\napple\n',
  onStdout: (bytes) => {
    process.stdout.write(bytes);
  },
});
console.log(`${sorted.output.stdout.total} bytes, truncated: ${sorted.output.stdout.truncated}`);

// A limit for one command: its whole tree of processes is ended, and that is a result, too.
const slow = await sandbox.commands.run(['sh', '-c', 'sleep 1000 & sleep 1000'], { timeoutMs: 500, graceMs: 100 });
console.log(slow.exitCode, slow.timedOut);

// Files. Paths are relative to the work folder, where commands begin, too.
await sandbox.files.write('notes/today.txt', 'one\n');
await sandbox.commands.shell('echo two >> notes/today.txt; mkdir -p out; date > out/when');
console.log(JSON.stringify(await sandbox.files.readText('notes/today.txt')));
for (const { path, kind } of await sandbox.files.list('.', { recursive: true })) console.log(kind, path);
await sandbox.files.remove('out');

// A command that goes on beside others: something to write to, something to wait for, something to kill.
const adder = await sandbox.commands.start(['sh', '-c', 'echo ready; while read a b; do echo $((a + b)); done'], {
  stdin: true,
});
await sandbox.waitForLog(adder, 'ready');
await adder.write('2 3\n');
const { text } = await sandbox.waitForLog(adder, /^5$/m);
console.log(text);
await adder.kill();
const ended = await adder.wait();
console.log(ended.exitCode, ended.signal);

// The sandbox itself.
await sandbox.extend(20 * 60_000);
const { state, expiresAt } = await sandbox.info();
const { memoryLimitBytes = 0 } = await sandbox.metrics();
console.log(state, Date.parse(expiresAt) > Date.now() + 15 * 60_000, memoryLimitBytes / 1024 ** 2);
