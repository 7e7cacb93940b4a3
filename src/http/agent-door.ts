/** Which run a request of an agent belongs to: by the token in its `Authorization`, and by nothing else. */
import type { FastifyRequest } from "fastify";
import { type Refusal, refuse } from "../core/refusals.ts";
import type { ToolDoor } from "../agent/tool-door.ts";

export type AgentDoor = {
  /** The tool box of the run that this token was issued to; undefined for any other text, and once that run is over. */
  readonly boxFor: (token: string) => ToolDoor | undefined;
  /** Told of a token, well formed, that opened nothing: it may be that of a run which has ended. */
  readonly refused?: (token: string) => void;
};

const BEARER = /^Bearer +(qoc_run_[\w-]{1,120})$/i;
/** What every token of a run begins with: enough to tell that a request carries one, whichever run's and however it is sent. */
export const RUN_TOKEN_MARK = "qoc_run_";

export function boxOf(door: AgentDoor, request: FastifyRequest): ToolDoor | undefined {
  const [, token] = BEARER.exec(request.headers.authorization ?? "") ?? [];
  if (token === undefined) return undefined;
  const box = door.boxFor(token);
  if (box === undefined) door.refused?.(token);
  return box;
}

/** The same for a token that is missing, malformed, another's or dead: who asks learns nothing of which tokens there are. */
export const tokenRefused = (): Refusal => refuse("TOKEN_INVALID", "no run that is under way has this token");

/** Every header counts, also one that is repeated. */
export const carriesRunToken = ({ raw }: FastifyRequest): boolean =>
  raw.rawHeaders.some((text) => text.includes(RUN_TOKEN_MARK));
