/** What the transports of the scoped commands need of a run's tool box, whichever side of the socket it stands on. */

/** `input` is a JSON schema whose type is `object`. */
export type ToolDescription = {
  readonly name: string;
  readonly description: string;
  readonly input: Readonly<Record<string, unknown>>;
};

/** `refusal` is a sentence for the agent. */
export type ToolAnswer =
  | { readonly ok: true; readonly text: string; readonly structured?: Readonly<Record<string, unknown>> | undefined }
  | { readonly ok: false; readonly refusal: string };

/** `call` takes any name and any arguments, and refuses what it does not know. It rejects when a call could not be kept as evidence. */
export type ToolDoor = {
  readonly tools: readonly ToolDescription[];
  readonly call: (tool: string, args: unknown) => Promise<ToolAnswer>;
};
