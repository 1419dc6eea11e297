import { notFound, Refusal } from '../refusal.ts';
import { appResource } from '../resources/app.ts';
import { created, type Route } from '../route.ts';

/** The last step of the manifest flow: the code becomes the App's key and secrets. It works once, for an hour. */
export const manifestRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/app-manifests/{code}/conversions',
    caller: 'anybody',
    answer: async ({ world, conversions, parameters, fromBrowser }) => {
      // A page that has the code must not become the App of a fake on the same machine.
      if (fromBrowser) throw new Refusal(403, 'The fake does not convert for a web page');
      const converted = await conversions.convert(String(parameters['code']));
      if (converted === undefined) throw notFound();
      return created({ ...appResource(world), ...converted });
    },
  },
];
