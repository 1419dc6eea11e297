import { styleText } from 'node:util';
import { seconds } from '../progress.ts';
import { plain } from '../table.ts';

/** How the demo speaks: one line for each thing that happened, with the time since the action that caused it. */
export class Terminal {
  readonly #out: NodeJS.WriteStream;
  readonly #now: () => number;

  constructor(out: NodeJS.WriteStream, now: () => number = () => performance.now()) {
    this.#out = out;
    this.#now = now;
  }

  heading(text: string): void {
    this.#line(`\n${this.#style('bold', plain(text))}`);
  }

  say(text: string): void {
    this.#line(`  ${text}`);
  }

  /** Something that people may want to copy. */
  show(label: string, value: string): void {
    this.#line(`  ${label.padEnd(12)}${this.#style('cyan', plain(value))}`);
  }

  /** A line of a timeline. `sinceMs` is a time of the same clock as `now`. */
  happened(sinceMs: number, what: string, detail = ''): void {
    const time = `+${((this.#now() - sinceMs) / 1000).toFixed(2)} s`.padStart(9);
    this.#line(
      `  ${this.#style('dim', time)}  ${plain(what)}${detail === '' ? '' : this.#style('dim', `  ${plain(detail)}`)}`,
    );
  }

  done(what: string, ms: number, detail = ''): void {
    this.#line(
      `  ${this.#style('green', '✔')} ${what.padEnd(12)}${seconds(ms).padStart(9)}${detail === '' ? '' : `  ${this.#style('dim', plain(detail))}`}`,
    );
  }

  block(text: string): void {
    this.#line(text);
  }

  #line(text: string): void {
    this.#out.write(`${text}\n`);
  }

  #style(format: Parameters<typeof styleText>[0], text: string): string {
    // Honours NO_COLOR and output that is no terminal.
    return styleText(format, text, { stream: this.#out });
  }
}
