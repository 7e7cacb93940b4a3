/** Every route of the API, for the control socket and for the console's port alike. What is for the socket alone says so itself. */
import type { FastifyInstance } from "fastify";
import type { ApiWorld } from "./api-app.ts";
import { addApproverRoutes } from "./approver-routes.ts";
import { addChartRoutes } from "./chart-routes.ts";
import { addLoginRoutes } from "./console/login-routes.ts";
import { addDaemonRoutes } from "./daemon-routes.ts";
import { addDecisionRoutes } from "./decision-routes.ts";
import { addEndpointRoutes } from "./endpoint-routes.ts";
import { addEnvelopeRoutes } from "./envelope-routes.ts";
import { addEraseRoutes } from "./erase-routes.ts";
import { addEventRoutes } from "./events.ts";
import { addHealthRoutes } from "./health-routes.ts";
import { addInboxRoutes } from "./inbox-routes.ts";
import { addInspectRoutes } from "./inspect-routes.ts";
import { addLogRoutes } from "./log-routes.ts";
import { addMetricsRoutes } from "./metrics-routes.ts";
import { addNeedsYouRoutes } from "./needs-you-routes.ts";
import { addReplayRoutes } from "./replay-routes.ts";
import { addRunPageRoutes } from "./run-page-routes.ts";
import { addRunRoutes } from "./run-routes.ts";
import { addTaskRoutes } from "./task-routes.ts";

/** What a world lacks has no routes: a stopped desk, which only the command line asks, answers less. */
export function addRoutes(app: FastifyInstance, world: ApiWorld): void {
  const { target, clock, login, events, replay, inboxes, definition, metrics } = world;
  addHealthRoutes(app, target);
  addDaemonRoutes(app, world);
  addRunRoutes(app, world);
  addRunPageRoutes(app, world);
  addEraseRoutes(app, world);
  addDecisionRoutes(app, world);
  addApproverRoutes(app, world);
  addTaskRoutes(app, world);
  addEnvelopeRoutes(app, world);
  addEndpointRoutes(app, world);
  addChartRoutes(app);
  addLogRoutes(app, target);
  addNeedsYouRoutes(app, { target, clock, ...inboxes });
  if (inboxes !== undefined) addInboxRoutes(app, { ...world, inboxOf: inboxes.inboxOf });
  if (replay !== undefined) addReplayRoutes(app, { ...world, replay });
  if (definition !== undefined) addInspectRoutes(app, { ...world, definition });
  if (events !== undefined) addEventRoutes(app, events);
  if (login !== undefined) addLoginRoutes(app, login);
  if (metrics !== undefined) addMetricsRoutes(app, { metrics });
}
