import type { ApolloServerPlugin } from '@apollo/server';
import type { RequestContext } from '../../request/request-context.ts';
import type { Explain } from '../explain/explain.ts';

/** The request header `tributary-plan: show` adds the plan to the answer. */
const PLAN_HEADER = 'tributary-plan';

/** True if a request requires its plan, which Apollo's pipeline adds. */
export const requiresPlan = (headers: RequestContext['headers']): boolean => headers[PLAN_HEADER] === 'show';

/**
 * Adds an operation's plan to `extensions.plan` on request. For development: the plan names modules and loaders, and
 * its text is made for each request.
 */
export const showPlan = (explain: Explain): ApolloServerPlugin<RequestContext> => ({
  requestDidStart: async ({ request: { variables = {} }, contextValue }) => {
    if (!requiresPlan(contextValue.headers)) return;
    return {
      willSendResponse: async ({ document, operation, response }) => {
        if (document === undefined || !operation || response.body.kind !== 'single') return;
        const plan = explain(document, operation, variables);
        if (typeof plan !== 'string') return;
        const { singleResult } = response.body;
        singleResult.extensions = { ...singleResult.extensions, plan };
        // The result may be shared with requests that did not request the plan.
        response.http.headers.set('cache-control', 'no-store');
      },
    };
  },
});
