const documentation = 'https://docs.github.com/rest';

interface Fault {
  readonly resource?: string;
  readonly field?: string;
  readonly code: string;
  readonly message?: string;
}

interface Extras {
  readonly errors?: readonly unknown[] | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly url?: string;
}

/** An answer that is no success, in GitHub's shape and, where a client looks at it, in GitHub's words. */
export class Refusal extends Error {
  readonly status: number;
  readonly extras: Extras;

  constructor(status: number, message: string, extras: Extras = {}) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.extras = extras;
  }

  body(): object {
    const { errors, url } = this.extras;
    return {
      message: this.message,
      ...(errors && { errors }),
      ...(url !== undefined && { url }),
      documentation_url: documentation,
      status: String(this.status),
    };
  }
}

export const notFound = () => new Refusal(404, 'Not Found');
export const badCredentials = () => new Refusal(401, 'Bad credentials');
export const notPermitted = () => new Refusal(403, 'Resource not accessible by integration');
export const suspended = () => new Refusal(403, 'This installation has been suspended');
/** A read may be sent anywhere for good; with 307 a client sends a write again as the same write. */
export const moved = (method: string, url: string) =>
  method === 'GET'
    ? new Refusal(301, 'Moved Permanently', { url, headers: { location: url } })
    : new Refusal(307, 'Temporary Redirect', { url, headers: { location: url } });
export const invalid = (message: string, errors?: readonly Fault[]) => new Refusal(422, message, { errors });
export const validationFailed = (resource: string, field: string, message: string) =>
  invalid('Validation Failed', [{ resource, field, code: 'custom', message }]);
