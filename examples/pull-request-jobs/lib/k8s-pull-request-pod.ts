// So that programs import `@/lib/k8s-pull-request-pod`: `paths` of tsconfig.json says what `@/` is.
export * from '@ephemera/pull-request-pod';
