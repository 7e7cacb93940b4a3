/** How a page logs in and out: a code made over the control socket, traded once for a token that the page keeps for itself. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { refuse } from "../../core/refusals.ts";
import { addApiRoute } from "../api-route.ts";
import { LoginBody, LoginCode, LoginToken } from "../shapes/login.ts";
import { isoOf } from "../views.ts";
import { bearerOf } from "./bearer.ts";
import type { LoginCodes } from "./login-codes.ts";
import type { ConsoleTokens } from "./tokens.ts";

export type LoginWorld = {
  readonly codes: LoginCodes;
  readonly tokens: Pick<ConsoleTokens, "issue" | "end">;
  /** Where the console is; null while it is off. */
  readonly consoleUrl: () => string | null;
};

const LoggedOut = z.object({ logged_out: z.boolean() });

export function addLoginRoutes(app: FastifyInstance, { codes, tokens, consoleUrl }: LoginWorld): void {
  addApiRoute(
    app,
    {
      method: "POST",
      path: "/api/console/codes",
      says: "Makes a login code for a page, good once and for 60 seconds.",
      answer: { kind: "json", schema: "qoc.console.code/1", shape: LoginCode },
      statuses: [201],
      refusals: ["NOT_FOUND"],
      socketOnly: true,
    },
    async ({ reply }) => {
      const url = consoleUrl();
      if (url === null) return refuse("NOT_FOUND", 'the console is off: set [daemon] console = "127.0.0.1:7431"');
      const { code, expires_at } = codes.make();
      void reply.status(201);
      return { code, url: `${url}/#code=${code}`, expires_at: isoOf(expires_at) };
    },
  );
  addApiRoute(
    app,
    {
      method: "POST",
      path: "/api/login",
      says: "Trades a login code for a token, which is good until 12 hours after its last use, and for 7 days at most.",
      body: LoginBody,
      answer: { kind: "json", schema: "qoc.login/1", shape: LoginToken },
      refusals: ["CODE_INVALID", "LOGIN_RATE"],
    },
    async ({ body }) => {
      const refused = codes.trade(body.code);
      if (refused !== undefined) return refused;
      const { token, expires_at } = tokens.issue();
      return { token, expires_at: isoOf(expires_at) };
    },
  );
  addApiRoute(
    app,
    {
      method: "POST",
      path: "/api/logout",
      says: "Ends the token that this request shows, and what is open under it.",
      answer: { kind: "json", schema: "qoc.logout/1", shape: LoggedOut },
    },
    async ({ request }) => {
      const token = bearerOf(request.raw, false);
      if (token !== undefined) tokens.end(token);
      return { logged_out: true };
    },
  );
}
