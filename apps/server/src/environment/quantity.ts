const factors: Readonly<Record<string, number>> = {
  '': 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};
const shape = /^([+-]?\d+(?:\.\d*)?|[+-]?\.\d+)(?:[eE]([+-]?\d{1,3})|([numkMGTPE]|[KMGTPE]i)?)$/;
/** Far below the smallest difference that anybody sets, above what the arithmetic loses. */
const tolerance = 1e-9;

/** The number that a Kubernetes quantity such as `500m` or `2Gi` stands for; undefined for any other text. Pure. */
export function quantityValue(text: string): number | undefined {
  const [, digits, exponent, suffix = ''] = shape.exec(text) ?? [];
  if (digits === undefined) return undefined;
  return Number(digits) * (exponent === undefined ? (factors[suffix] ?? 1) : 10 ** Number(exponent));
}

/** Whether both say the same amount: the cluster writes `1000m` back as `1`. Pure. */
export function sameQuantity(one: string, other: string): boolean {
  const [first, second] = [quantityValue(one), quantityValue(other)];
  if (first === undefined || second === undefined) return false;
  return Math.abs(first - second) <= tolerance * Math.max(Math.abs(first), Math.abs(second));
}
