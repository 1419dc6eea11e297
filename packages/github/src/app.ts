import { z } from 'zod';
import { checked } from './answer.ts';
import type { Call } from './client.ts';
import { pageSize } from './pages.ts';
import type { App, HookDelivery } from './types.ts';

const appSchema = z
  .object({
    id: z.int(),
    slug: z.string(),
    permissions: z.record(z.string(), z.string()),
    events: z.array(z.string()),
    installations_count: z.int().optional(),
  })
  .transform(({ installations_count: installationsCount, ...app }): App => ({ ...app, installationsCount }));

const deliveriesSchema = z.array(
  z
    .object({
      // Octokit reads what a number cannot hold as a BigInt.
      id: z.union([z.number(), z.bigint()]),
      guid: z.string(),
      event: z.string(),
      action: z.string().nullable(),
      delivered_at: z.iso.datetime({ offset: true }),
      status_code: z.int(),
      status: z.string(),
    })
    .transform(({ id, delivered_at: deliveredAt, status_code: statusCode, ...delivery }): HookDelivery => ({
      ...delivery,
      id: String(id),
      deliveredAt: new Date(deliveredAt),
      statusCode,
    })),
);

export async function app({ what, request, options }: Call): Promise<App> {
  const { data } = await request('GET /app', { ...options });
  return checked(what, appSchema, data);
}

export async function hook({ what, request, options }: Call): Promise<{ url: string | undefined }> {
  const { data } = await request('GET /app/hook/config', { ...options });
  const { url } = checked(what, z.object({ url: z.string().nullish() }), data);
  // An App without a webhook has an empty address.
  return { url: url === null || url === '' ? undefined : url };
}

export async function hookDeliveries({ what, request, options }: Call): Promise<HookDelivery[]> {
  const { data } = await request('GET /app/hook/deliveries', { ...options, per_page: pageSize });
  return checked(what, deliveriesSchema, data);
}
