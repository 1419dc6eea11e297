interface Step {
  readonly step: string;
  readonly state: 'started' | 'done' | 'failed';
  readonly ms?: number;
  readonly detail?: string;
}

/** Turns the steps of the local cluster into lines: a long one is named when it starts, a short one only when it is done. */
export function progress(say: (line: string) => void, worthNamingMs = 2_000): (event: Step) => void {
  const started = new Map<string, NodeJS.Timeout>();
  return ({ step, state, ms = 0, detail }) => {
    clearTimeout(started.get(step));
    if (state === 'started') started.set(step, setTimeout(say, worthNamingMs, `  ${step}…`).unref());
    else
      say(
        `  ${step} ${state === 'done' ? 'done' : 'FAILED'} in ${(ms / 1000).toFixed(1)} s${detail === undefined ? '' : `: ${detail}`}`,
      );
  };
}
