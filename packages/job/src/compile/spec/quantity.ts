const pattern = /^([+-]?)(\d+\.?\d*|\.\d+)(?:(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE])|[eE]([+-]?\d{1,2}))?$/;

/** As a pattern of the JSON Schema. */
export const quantityPattern = '^\\+?([0-9]+\\.?[0-9]*|\\.[0-9]+)(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?[0-9]{1,2})?$';

const decimal: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const binary: Readonly<Record<string, bigint>> = {
  Ki: 2n ** 10n,
  Mi: 2n ** 20n,
  Gi: 2n ** 30n,
  Ti: 2n ** 40n,
  Pi: 2n ** 50n,
  Ei: 2n ** 60n,
};

/** Enough for the smallest suffix under a number with many digits; what is smaller still counts as nothing. */
const places = 30;
const one = 10n ** BigInt(places);

/**
 * A Kubernetes quantity (`500m`, `1.5Gi`, `1e3`) as an exact number of 10⁻³⁰ units. Undefined: not a quantity, negative, or longer than
 * anybody writes. Whole numbers, because `0.1 + 0.2` must not decide whether a request is above its limit.
 */
export function quantityOf(text: string): bigint | undefined {
  if (text.length > 40) return undefined;
  const match = pattern.exec(text);
  if (match === null || match[1] === '-') return undefined;
  const [whole = '', fraction = ''] = (match[2] ?? '').split('.');
  const suffix = match[3] ?? '';
  const exponent = match[4] === undefined ? (decimal[suffix] ?? 0) : Number(match[4]);
  return shifted(BigInt(whole + fraction) * (binary[suffix] ?? 1n), places + exponent - fraction.length);
}

/** True for a quantity that is no whole number of its unit, such as `100m` of memory. */
export function hasFractionOfUnit(text: string): boolean {
  const quantity = quantityOf(text);
  return quantity !== undefined && quantity % one !== 0n;
}

function shifted(value: bigint, exponent: number): bigint {
  return exponent >= 0 ? value * 10n ** BigInt(exponent) : value / 10n ** BigInt(-exponent);
}
