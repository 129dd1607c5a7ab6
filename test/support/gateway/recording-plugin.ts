import type { ApolloServerPlugin, BaseContext } from '@apollo/server';

type Errors = Error | readonly Error[] | undefined;

const outcome = (errors: Errors): string => {
  if (errors === undefined) return '';
  return Array.isArray(errors) ? ` with ${errors.length} errors` : ' with an error';
};

/** A plugin with every hook except those of fields. It appends each call to `calls`. */
export const recording = (calls: string[]): ApolloServerPlugin<BaseContext> => {
  const note = (hook: string) => async (): Promise<void> => {
    calls.push(hook);
  };
  const during = (hook: string) => async () => {
    calls.push(`${hook}DidStart`);
    return async (errors?: Errors) => {
      calls.push(`${hook}DidEnd${outcome(errors)}`);
    };
  };
  return {
    requestDidStart: async () => {
      calls.push('requestDidStart');
      return {
        didResolveSource: note('didResolveSource'),
        parsingDidStart: during('parsing'),
        validationDidStart: during('validation'),
        didResolveOperation: async ({ operationName }) => {
          calls.push(`didResolveOperation ${operationName}`);
        },
        responseForOperation: async () => {
          calls.push('responseForOperation');
          return null;
        },
        executionDidStart: async () => {
          calls.push('executionDidStart');
          return {
            executionDidEnd: async (error) => {
              calls.push(`executionDidEnd${outcome(error)}`);
            },
          };
        },
        didEncounterErrors: async ({ errors }) => {
          calls.push(`didEncounterErrors ${errors.map(({ path }) => path?.join('.') ?? 'request')}`);
        },
        willSendResponse: async ({ response }) => {
          calls.push(`willSendResponse ${response.http.status ?? 200}`);
        },
      };
    },
    invalidRequestWasReceived: note('invalidRequestWasReceived'),
    unexpectedErrorProcessingRequest: note('unexpectedErrorProcessingRequest'),
    contextCreationDidFail: note('contextCreationDidFail'),
    startupDidFail: note('startupDidFail'),
    serverWillStart: async () => {
      calls.push('serverWillStart');
      return {
        schemaDidLoadOrUpdate: () => void calls.push('schemaDidLoadOrUpdate'),
        drainServer: note('drainServer'),
        serverWillStop: note('serverWillStop'),
      };
    },
  };
};
