const SERVICE_LINK = /^(?:tcp|udp|sctp):\/\/\[?[\d.a-f:]+\]?:\d{1,5}$/;

/**
 * Returns the message for a value that Kubernetes sets for a service of the same namespace, such as
 * `ADMIN_PORT=tcp://10.0.0.1:80` for a service named "admin"; null for other values.
 */
export const serviceLinkFault = (variable: string, text: string): string | null => {
  if (!SERVICE_LINK.test(text)) return null;
  const service = variable
    .replace(/_?PORT$/, '')
    .replaceAll('_', '-')
    .toLowerCase();
  const named = service === '' ? 'a service' : `a service named "${service}"`;
  return `has the value ${text}, which Kubernetes sets for ${named} in the same namespace: set enableServiceLinks: false in the pod, rename the service, or set ${variable} in the pod`;
};
