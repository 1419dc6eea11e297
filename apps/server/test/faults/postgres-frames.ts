/** PostgreSQL's wire protocol, as far as a proxy has to see it: https://www.postgresql.org/docs/current/protocol-message-formats.html */

export interface Message {
  /** One letter; empty for the first message of a connection, which has none. */
  readonly type: string;
  readonly bytes: Buffer;
}

/** Cuts a stream of bytes into messages. */
export class Frames {
  #rest: Buffer = Buffer.alloc(0);
  #untyped: boolean;

  /** `untyped`: a client's stream begins with messages that have no letter, until one of them starts the session. */
  constructor({ untyped }: { readonly untyped: boolean }) {
    this.#untyped = untyped;
  }

  push(chunk: Buffer): Message[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const messages: Message[] = [];
    for (;;) {
      const header = this.#untyped ? 0 : 1;
      if (this.#rest.length < header + 4) return messages;
      const end = header + this.#rest.readInt32BE(header);
      if (this.#rest.length < end) return messages;
      const bytes = this.#rest.subarray(0, end);
      this.#rest = this.#rest.subarray(end);
      messages.push({ type: header === 0 ? '' : String.fromCharCode(bytes[0] ?? 0), bytes });
      if (this.#untyped && !isEncryptionRequest(bytes)) this.#untyped = false;
    }
  }
}

/** SSLRequest and GSSENCRequest come before the session; the answer `N` says that there is no encryption. */
export function isEncryptionRequest(bytes: Buffer): boolean {
  return bytes.length === 8 && [80_877_103, 80_877_104].includes(bytes.readInt32BE(4));
}

/** The statement that a client's message brings, of the simple (Q) or the extended (P) protocol. */
export function statementOf({ type, bytes }: Message): string | undefined {
  if (type === 'Q') return cstring(bytes, 5);
  if (type === 'P') return cstring(bytes, bytes.indexOf(0, 5) + 1);
  return undefined;
}

/** `UPDATE 1`, `COMMIT`: what the server says at the end of a statement. */
export function tagOf({ bytes }: Message): string {
  return cstring(bytes, 5);
}

/** I: idle, T: in a transaction, E: in one that has failed. */
export type TransactionStatus = 'I' | 'T' | 'E';

export function statusOf({ bytes }: Message): TransactionStatus {
  return String.fromCharCode(bytes[5] ?? 0) as TransactionStatus;
}

export function query(text: string): Buffer {
  return message('Q', Buffer.from(`${text}\0`));
}

export function readyForQuery(status: TransactionStatus): Buffer {
  return message('Z', Buffer.from(status));
}

export interface InjectedError {
  /** SQLSTATE, for example 53100. */
  readonly code: string;
  readonly message: string;
}

export function errorResponse({ code, message: text }: InjectedError): Buffer {
  return message('E', Buffer.from(`SERROR\0VERROR\0C${code}\0M${text}\0\0`));
}

function message(type: string, body: Buffer): Buffer {
  const header = Buffer.alloc(5);
  header.write(type);
  header.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([header, body]);
}

function cstring(bytes: Buffer, from: number): string {
  return bytes.toString('utf8', from, bytes.indexOf(0, from));
}
