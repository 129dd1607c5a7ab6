import type { ApolloServerPlugin } from '@apollo/server';
import type { RequestContext } from '../../backend/request-context.ts';
import type { Explain } from './explain.ts';

/** Asks for the plan of an operation beside its answer: `tributary-plan: show`. */
export const PLAN_HEADER = 'tributary-plan';

/**
 * Puts an operation's plan into `extensions.plan` of its answer, for requests that ask for it. For development: it names modules
 * and loaders, and is made anew for each request.
 */
export const showPlan = (explain: Explain): ApolloServerPlugin<RequestContext> => ({
  requestDidStart: async ({ request: { http, variables = {} } }) => {
    if (http?.headers.get(PLAN_HEADER) !== 'show') return;
    return {
      willSendResponse: async ({ document, operation, response }) => {
        if (document === undefined || !operation || response.body.kind !== 'single') return;
        const plan = explain(document, operation, variables);
        if (typeof plan !== 'string') return;
        const { singleResult } = response.body;
        singleResult.extensions = { ...singleResult.extensions, plan };
        // Others who ask the same have not asked for the plan.
        response.http.headers.set('cache-control', 'no-store');
      },
    };
  },
});
