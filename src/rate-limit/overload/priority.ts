export const PRIORITIES = ['critical', 'default', 'sheddable'] as const;
/** How important a request is while the gateway is overloaded. */
export type Priority = (typeof PRIORITIES)[number];

export const isPriority = (text: unknown): text is Priority => PRIORITIES.some((priority) => priority === text);
