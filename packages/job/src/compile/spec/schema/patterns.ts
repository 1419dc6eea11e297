/** Patterns for editors, which cannot run the checks. They refuse nothing that the checks accept. */
export const patterns = {
  label: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$',
  subdomain: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$',
  labelValue: '^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$',
  qualified: '^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$',
  annotation: '^([A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$',
  dataKey: '^[-._a-zA-Z0-9]+$',
  envName: '^[ -<>-~]+$',
  absolute: '^/',
  relative: '^[^/]',
} as const;
