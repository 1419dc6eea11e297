const documentation = 'https://docs.github.com/rest';

interface Fault {
  readonly resource?: string;
  readonly field?: string;
  readonly code: string;
  readonly message?: string;
}

/** An answer below success, in GitHub's shape and, where a client looks at it, in GitHub's words. */
export class Refusal extends Error {
  readonly status: number;
  readonly errors: readonly unknown[] | undefined;

  constructor(status: number, message: string, errors?: readonly unknown[]) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.errors = errors;
  }

  body(): object {
    const errors = this.errors === undefined ? {} : { errors: this.errors };
    return { message: this.message, ...errors, documentation_url: documentation, status: String(this.status) };
  }
}

export const notFound = () => new Refusal(404, 'Not Found');
export const badCredentials = () => new Refusal(401, 'Bad credentials');
export const notPermitted = () => new Refusal(403, 'Resource not accessible by integration');
export const invalid = (message: string, errors?: readonly Fault[]) => new Refusal(422, message, errors);
export const validationFailed = (resource: string, field: string, message: string) =>
  invalid('Validation Failed', [{ resource, field, code: 'custom', message }]);
