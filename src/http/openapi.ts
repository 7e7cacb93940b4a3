/** The API's reference as OpenAPI 3.1, made from the routes themselves: https://spec.openapis.org/oas/v3.1.0. */
import type { FastifyInstance, RouteOptions } from "fastify";
import { z } from "zod";
import { canonical } from "../core/canonical.ts";
import type { Json } from "../core/observation.ts";
import { type RefusalCode, refusals } from "../core/refusals.ts";
import type { ApiRoute } from "./api-route.ts";
import { PROBLEM_MEDIA_TYPE } from "./problem.ts";
import { Problem } from "./shapes/problem.ts";

type Part = { readonly [key: string]: Json };

/** What any route may answer, whatever is asked of it. */
const ALWAYS: readonly RefusalCode[] = [
  "REQUEST_MALFORMED",
  "TOKEN_INVALID",
  "RUN_TOKEN",
  "ORIGIN_REFUSED",
  "ROUTE_UNKNOWN",
  "METHOD_NOT_ALLOWED",
  "MEDIA_TYPE_UNSUPPORTED",
  "BODY_TOO_LARGE",
  "HOST_UNKNOWN",
  "INTERNAL",
];
const PROBLEM = { [PROBLEM_MEDIA_TYPE]: { schema: { $ref: "#/components/schemas/Problem" } } };
/** Answered to anybody who reaches the console's port. */
const OPEN: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/api/login"]);

/** Remembers the routes that are added to this app from now on. */
export function collectRoutes(app: FastifyInstance): readonly ApiRoute[] {
  const routes: ApiRoute[] = [];
  app.addHook("onRoute", ({ config, method }: RouteOptions) => {
    if (config?.api !== undefined && config.api.method === method) routes.push(config.api);
  });
  return routes;
}

/** Canonical JSON, so that the same routes give the same bytes whatever the order they were added in. */
export function openApiOf(routes: readonly ApiRoute[], version: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "qoc",
      version,
      description:
        "The API of one daemon: on its control socket, where the file's mode is the credential, and on the console's port, where a token is. " +
        "Operations marked x-qoc-socket-only are served on the socket alone.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "http://127.0.0.1:7431", description: "the console's port" }],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
      schemas: { Problem: schemaOf(Problem, "output") },
      responses: { Refused: { description: inWords(ALWAYS), content: PROBLEM } },
    },
  };
}

/** Pretty, so that a change of it reads as a change of the API. */
export const openApiText = (document: Json): string => `${JSON.stringify(JSON.parse(canonical(document)), null, 2)}\n`;

function operationOf(route: ApiRoute): Part {
  return {
    operationId: operationId(route),
    summary: route.says,
    ...(OPEN.has(route.path) ? { security: [] } : {}),
    ...(route.socketOnly === true ? { "x-qoc-socket-only": true } : {}),
    parameters: [...parametersOf(route.params, "path"), ...parametersOf(route.query, "query")],
    ...(route.body === undefined
      ? {}
      : {
          requestBody: {
            required: !route.body.safeParse(undefined).success,
            content: { "application/json": { schema: schemaOf(route.body, "input") } },
          },
        }),
    responses: { ...answersOf(route), ...refusalsOf(route) },
  };
}

/** `GET /api/runs/:id/why` is `get_api_runs_id_why`. */
const operationId = ({ method, path }: ApiRoute): string =>
  `${method.toLowerCase()}${path.replaceAll(/[^a-z0-9]+/gi, "_")}`;

function parametersOf(shape: z.ZodObject | undefined, where: "path" | "query"): readonly Part[] {
  return Object.entries(shape?.shape ?? {}).map(([name, one]) => ({
    name,
    in: where,
    required: where === "path" || !z.safeParse(one, undefined).success,
    schema: schemaOf(one, "input"),
  }));
}

function answersOf({ answer, statuses = [200], says }: ApiRoute): Part {
  const schema =
    answer.kind === "json"
      ? { "application/json": { schema: withSchemaKey(answer.schema, schemaOf(answer.shape, "output")) } }
      : { [answer.media_type]: { schema: { type: "string" } } };
  const description = answer.kind === "json" ? says : answer.says;
  return Object.fromEntries(statuses.map((status) => [String(status), { description, content: schema }]));
}

/** Every answer begins with the name of its form. */
function withSchemaKey(name: string, shape: Part): Part {
  const { properties = {}, required = [] } = shape;
  return {
    ...shape,
    properties: { schema: { type: "string", const: name }, ...z.record(z.string(), z.json()).parse(properties) },
    required: ["schema", ...z.array(z.string()).parse(required)],
  };
}

/** The route's own by status, of which several may share one; the others by reference. */
function refusalsOf({ refusals: own = [], statuses = [] }: ApiRoute): Part {
  const byStatus = new Map<number, RefusalCode[]>();
  for (const code of new Set(own)) {
    const { status } = refusals[code];
    if (!statuses.includes(status)) byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return {
    ...Object.fromEntries(
      [...byStatus].map(([status, codes]) => [String(status), { description: inWords(codes), content: PROBLEM }]),
    ),
    default: { $ref: "#/components/responses/Refused" },
  };
}

const inWords = (codes: readonly RefusalCode[]): string =>
  codes.map((code) => `${refusals[code].status} ${code}: ${refusals[code].says}`).join(" ");

/** JSON Schema 2020-12, which OpenAPI 3.1 takes as it is. A `readonly` of ours says nothing of the wire, and an answer may get more keys one day. */
function schemaOf(shape: z.core.$ZodType, io: "input" | "output"): Part {
  const made: unknown = z.toJSONSchema(shape, {
    io,
    unrepresentable: "any",
    override: ({ jsonSchema }) => {
      delete jsonSchema.readOnly;
      if (io === "output") delete jsonSchema.additionalProperties;
    },
  });
  const { $schema: _dialect, ...rest } = z.record(z.string(), z.json()).parse(made);
  return rest;
}
