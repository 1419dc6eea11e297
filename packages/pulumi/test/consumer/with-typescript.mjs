// Loaded before Pulumi's plugin host: gives it the TypeScript that a user has installed, which is the folder in the environment.
import { createRequire, registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

const folder = process.env['TYPESCRIPT_FOLDER'] ?? '';
const entry = pathToFileURL(createRequire(import.meta.url).resolve(folder)).href;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'typescript' ? { url: entry, format: 'commonjs', shortCircuit: true } : next(specifier, context),
});
