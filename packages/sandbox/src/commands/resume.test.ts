import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  CommandDiskFull,
  CommandOutOfMemory,
  CommandUnknown,
  OutputLost,
  ProtocolMismatch,
  SandboxGone,
  SandboxLost,
  SandboxRefused,
  SandboxRestarted,
} from '../errors.ts';
import { createLink, type Link } from '../link/link.ts';
import { type Asked, ScriptedPlace, type ScriptedStream } from '../link/testing/scripted-place.ts';
import type { Answer, AnswerOf } from '../wire/answer.ts';
import { createCommands } from './create-commands.ts';

type ExitFlags = AnswerOf<'exit'>['flags'];

const links: Link[] = [];
function commandsOf(place: ScriptedPlace, lostAfterMs = 120_000) {
  const link = createLink(place, { mostBackoffMs: 1, lostAfterMs });
  links.push(link);
  return createCommands(link);
}
afterEach(() => {
  for (const link of links.splice(0)) link.dispose();
});

const end = { kind: 'end' } as const;
const started = { kind: 'started', existed: false, startedAt: 0, pid: 2 } as const;
const out = (offset: number, text: string): Answer => ({
  kind: 'out',
  stream: 'stdout',
  offset,
  data: Buffer.from(text),
});
const lost = (from: number, to: number): Answer => ({ kind: 'lost', stream: 'stdout', from, to });

function exit(stdoutBytes: number, flags: Partial<ExitFlags> = {}, code = 0): Answer {
  const none = { timedOut: false, killed: false, outOfMemory: false, diskFull: false };
  return {
    kind: 'exit',
    ending: 'exited',
    code,
    flags: { ...none, ...flags },
    startedAt: 0,
    endedAt: 1,
    stdoutBytes,
    stderrBytes: 0,
  };
}

/** Starts what it is asked to, and answers ATTACH as the test says. */
function attached(
  answer: (stream: ScriptedStream, asked: Asked & { readonly from: number; readonly time: number }) => void,
): ScriptedPlace {
  let time = 0;
  return new ScriptedPlace((stream, asked) => {
    const { channel, request } = asked;
    if (request.kind === 'start') stream.answer(channel, started, end);
    if (request.kind === 'kill') stream.answer(channel, { kind: 'done', count: 1 }, end);
    if (request.kind === 'attach') answer(stream, { ...asked, from: request.fromStdout, time: (time += 1) });
  });
}

function asksOf(place: ScriptedPlace): string[] {
  return place.streams
    .flatMap(({ asked }) => asked.map(({ request }) => request.kind))
    .filter((kind) => kind !== 'hello');
}

test('START and ATTACH leave in one write', async () => {
  const place = attached((stream, { channel }) => stream.answer(channel, exit(0), end));
  const commands = commandsOf(place);
  await commands.run(['true']);
  await commands.run(['true']);
  expect(place.last.writes).toEqual([1, 2, 2]);
});

describe('a stream that breaks', () => {
  test('between START and STARTED: the same START is sent again, and its output read from the first byte', async () => {
    const place = attached((stream, { channel }) => stream.answer(channel, out(0, 'hello'), exit(5), end));
    const { script } = place;
    place.script = (stream, asked) => {
      if (place.streams.length > 1) script(stream, asked);
      else if (asked.request.kind === 'attach') stream.cut();
    };
    const running = commandsOf(place).run(['echo', 'hello']);
    expect((await running).stdout).toBe('hello');
    const starts = place.streams.flatMap(({ asked }) =>
      asked.map(({ request }) => request).filter(({ kind }) => kind === 'start'),
    );
    expect(starts).toHaveLength(2);
    expect(starts[0]).toEqual(starts[1]);
  });

  test('after STARTED: it is not started again, and the output goes on after the last byte that came', async () => {
    const place = attached((stream, { channel, from, time }) => {
      if (time === 1) stream.answer(channel, out(0, 'hel'));
      else stream.answer(channel, out(from, 'hello'.slice(from)), exit(5), end);
    });
    const seen: string[] = [];
    const result = await commandsOf(place).run(['echo'], {
      onStdout: (bytes) => {
        seen.push(Buffer.from(bytes).toString());
        if (seen.length === 1) place.last.cut();
      },
    });
    expect([result.stdout, seen]).toEqual(['hello', ['hel', 'lo']]);
    expect(asksOf(place)).toEqual(['start', 'attach', 'attach']);
  });

  test('with a byte of the exit record missing there is no result until it comes whole', async () => {
    const place = attached((stream, { channel, time }) => {
      if (time < 3) stream.cut();
      else stream.answer(channel, exit(0, {}, 42), end);
    });
    expect((await commandsOf(place).run(['x'])).exitCode).toBe(42);
  });

  test('for good is SandboxLost, and never a result', async () => {
    const place = attached((stream) => {
      place.refusal = { error: new Error('unreachable'), times: Infinity };
      stream.cut();
    });
    await expect(commandsOf(place, 30).run(['x'])).rejects.toBeInstanceOf(SandboxLost);
  });

  test('because the sandbox is gone is that error', async () => {
    const place = attached((stream) => {
      place.refusal = { error: new Error('404'), times: Infinity };
      place.verdictIs = new SandboxGone({ id: place.id, reason: 'deleted' });
      stream.cut();
    });
    await expect(commandsOf(place).run(['x'])).rejects.toBeInstanceOf(SandboxGone);
  });

  test('and a runner that was started anew: nothing is started there', async () => {
    const place = attached((stream) => {
      place.bootId += 1;
      stream.cut();
    });
    await expect(commandsOf(place).run(['x'])).rejects.toBeInstanceOf(SandboxRestarted);
    expect(asksOf(place)).toEqual(['start', 'attach']);
  });

  test('while the signal aborts: what may have been started is killed, also where it comes late', async () => {
    const controller = new AbortController();
    let kills = 0;
    const place = new ScriptedPlace((stream, { channel, request }) => {
      if (request.kind === 'attach') controller.abort(new Error('stop'));
      if (request.kind !== 'kill') return;
      kills += 1;
      if (kills === 1) stream.refuse(channel, 'unknown_command');
      else stream.answer(channel, { kind: 'done', count: 1 }, end);
    });
    await expect(commandsOf(place).run(['x'], { signal: controller.signal })).rejects.toThrow('stop');
    expect(kills).toBe(2);
  });

  test('before anything was sent: the signal ends it at once, and no kill is tried', async () => {
    const place = attached(() => undefined);
    place.refusal = { error: new Error('down'), times: Infinity };
    const controller = new AbortController();
    const running = commandsOf(place).run(['x'], { signal: controller.signal });
    await vi.waitFor(() => expect(place.verdicts).toBeGreaterThan(1));
    controller.abort(new Error('stop'));
    await expect(running).rejects.toThrow('stop');
    expect(place.streams).toHaveLength(0);
  });
});

describe('an end that is no result', () => {
  test('END without EXIT', async () => {
    const place = attached((stream, { channel }) => stream.answer(channel, out(0, 'x'), end));
    await expect(commandsOf(place).run(['x'])).rejects.toBeInstanceOf(ProtocolMismatch);
  });

  test('EXIT before all of the output', async () => {
    const place = attached((stream, { channel }) => stream.answer(channel, out(0, 'x'), exit(2), end));
    await expect(commandsOf(place).run(['x'])).rejects.toBeInstanceOf(ProtocolMismatch);
  });

  test('output that jumps', async () => {
    const place = attached((stream, { channel }) => stream.answer(channel, out(0, 'x'), out(2, 'y'), exit(3), end));
    await expect(commandsOf(place).run(['x'])).rejects.toBeInstanceOf(ProtocolMismatch);
  });

  test('memory that ran out, with the ends of the output', async () => {
    const place = attached((stream, { channel }) =>
      stream.answer(channel, out(0, 'so far'), exit(6, { outOfMemory: true }), end),
    );
    const error: unknown = await commandsOf(place)
      .run(['make'])
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CommandOutOfMemory);
    expect(error).toMatchObject({ details: { program: 'make', exitCode: 0, stdout: 'so far', stderr: '' } });
  });

  test('no disk for the output', async () => {
    const place = attached((stream, { channel }) =>
      stream.answer(channel, lost(0, 6), exit(6, { diskFull: true }), end),
    );
    await expect(commandsOf(place).run(['x'])).rejects.toBeInstanceOf(CommandDiskFull);
  });

  test('a record that gave way meanwhile', async () => {
    const place = attached((stream, { channel, time }) =>
      time === 1 ? stream.cut() : stream.refuse(channel, 'unknown_command'),
    );
    await expect(commandsOf(place).run(['x'])).rejects.toBeInstanceOf(CommandUnknown);
  });

  test('a runner that has no room', async () => {
    const place = new ScriptedPlace((stream, { channel }) => stream.refuse(channel, 'too_many'));
    await expect(commandsOf(place).run(['x'])).rejects.toBeInstanceOf(SandboxRefused);
  });
});

describe('bytes that are no longer kept', () => {
  test('are part of what was truncated where they are before the kept end', async () => {
    const place = attached((stream, { channel }) =>
      stream.answer(channel, out(0, 'ab'), lost(2, 100), out(100, 'tail'), exit(104), end),
    );
    const { stdout, output } = await commandsOf(place).run(['x'], { maxOutputBytes: 4 });
    expect([stdout, output.stdout.total, output.stdout.truncated]).toEqual(['tail', 104, true]);
  });

  test('are an error where the result would need them', async () => {
    const place = attached((stream, { channel }) =>
      stream.answer(channel, out(0, 'ab'), lost(2, 100), out(100, 'tail'), exit(104), end),
    );
    const error: unknown = await commandsOf(place)
      .run(['x'], { maxOutputBytes: 5 })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OutputLost);
    expect(error).toMatchObject({ details: { stream: 'stdout', from: 2, to: 100 } });
  });

  test('are an error where a callback was promised all of it', async () => {
    const place = attached((stream, { channel }) => stream.answer(channel, lost(0, 100), out(100, 'tail')));
    await expect(commandsOf(place).run(['x'], { maxOutputBytes: 4, onStdout: () => undefined })).rejects.toBeInstanceOf(
      OutputLost,
    );
    expect(asksOf(place)).toContain('kill');
  });
});

test('the runner is told how much was taken, only once it was', async () => {
  const data = 'x'.repeat(64 * 1024);
  let sent = 0;
  const place = attached((stream, { channel }) => {
    for (; sent < 8; sent += 1) stream.answer(channel, out(sent * data.length, data));
  });
  const taken: (() => void)[] = [];
  const running = commandsOf(place).run(['x'], { onStdout: () => new Promise<void>((resolve) => taken.push(resolve)) });
  await vi.waitFor(() => expect(taken).toHaveLength(1));
  expect(asksOf(place)).toEqual(['start', 'attach']);
  for (let count = 1; count <= 8; count += 1) {
    await vi.waitFor(() => expect(taken).toHaveLength(count));
    taken[count - 1]?.();
  }
  const credit = () =>
    place.last.asked.reduce((sum, { request }) => sum + (request.kind === 'credit' ? request.bytes : 0), 0);
  await vi.waitFor(() => expect(credit()).toBe(8 * data.length));
  const attach = place.last.asked.find(({ request }) => request.kind === 'attach');
  place.last.answer(attach?.channel ?? 0, exit(8 * data.length), end);
  expect((await running).output.stdout.total).toBe(8 * data.length);
});

test('output that is said to be lost backwards is refused, as the same bytes would come for ever', async () => {
  const place = attached((stream, { channel }) => stream.answer(channel, out(0, 'hello'), lost(5, 0), exit(5), end));
  await expect(commandsOf(place).run(['true'])).rejects.toThrow(ProtocolMismatch);
});

test('what comes after the end of a command is none of its output, and a second end does not count', async () => {
  const place = attached((stream, { channel }) =>
    stream.answer(channel, out(0, 'hello'), exit(5, {}, 3), out(5, 'more'), exit(9, {}, 0), end),
  );
  expect(await commandsOf(place).run(['true'])).toMatchObject({ exitCode: 3, stdout: 'hello' });
});

test('an end that counts less than what came is refused: the rest would be dropped without a word', async () => {
  const place = attached((stream, { channel }) => stream.answer(channel, out(0, 'hello'), exit(3), end));
  await expect(commandsOf(place).run(['true'])).rejects.toThrow(ProtocolMismatch);
});
