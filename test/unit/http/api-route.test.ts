import fastify from "fastify";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { refuse } from "../../../src/core/refusals.ts";
import { addApiRoute } from "../../../src/http/api-route.ts";
import { sendRefusal } from "../../../src/http/api-reply.ts";
import { collectRoutes, openApiOf, openApiText } from "../../../src/http/openapi.ts";
import { holdAnswers } from "../../support/api-answers.ts";

const Thing = z.object({ name: z.string(), parts: z.array(z.object({ size: z.number() })).readonly() });

/** Lets through what a `Thing` does not have, as a handler with a mistake would. */
const Answered = z.looseObject({ name: z.string(), parts: z.array(z.looseObject({ size: z.number() })) });

function given(answered: unknown = { name: "a", parts: [] }) {
  const app = fastify();
  app.setErrorHandler((error: { readonly message: string }, _request, reply) =>
    sendRefusal(reply, refuse("INTERNAL", error.message)),
  );
  const routes = collectRoutes(app);
  holdAnswers(app);
  const heard: unknown[] = [];
  addApiRoute(
    app,
    {
      method: "POST",
      path: "/api/things/:id",
      says: "Changes a thing.",
      params: z.object({ id: z.string().max(3) }),
      query: z.strictObject({ times: z.coerce.number().int().default(1) }),
      body: z.strictObject({ name: z.string() }),
      answer: { kind: "json", schema: "qoc.thing/1", shape: Thing },
      refusals: ["NOT_NOW"],
    },
    async ({ params, query, body }) => {
      heard.push({ params, query, body });
      if (body.name === "later") return refuse("NOT_NOW", "come again");
      return Answered.parse(answered);
    },
  );
  const post = async (url: string, payload: object) => {
    const answer = await app.inject({ method: "POST", url, payload });
    return { status: answer.statusCode, body: answer.json() };
  };
  return { app, routes, heard, post };
}

describe("a route of the API", () => {
  test("hears what its schemas made of the request, and answers with its form first", async () => {
    const { post, heard } = given();
    const { status, body } = await post("/api/things/x?times=3", { name: "b" });
    expect([status, Object.keys(body)]).toEqual([200, ["schema", "name", "parts"]]);
    expect(heard).toEqual([{ params: { id: "x" }, query: { times: 3 }, body: { name: "b" } }]);
  });

  test.each([
    ["/api/things/long?times=3", { name: "b" }, "params.id"],
    ["/api/things/x?times=soon", { name: "b" }, "query.times"],
    ["/api/things/x?often=1", { name: "b" }, "often"],
    ["/api/things/x", { name: 7 }, "body.name"],
    ["/api/things/x", { name: "b", more: 1 }, "more"],
  ])("refuses %s with %j before anything is done, and says where", async (url, payload, where) => {
    const { post, heard } = given();
    const { status, body } = await post(url, payload);
    expect([status, body.code, heard]).toEqual([400, "REQUEST_MALFORMED", []]);
    expect(body.detail).toContain(where);
  });

  test("sends a refusal as a problem", async () => {
    const { status, body } = await given().post("/api/things/x", { name: "later" });
    expect([status, body.code, body.detail]).toEqual([409, "NOT_NOW", "come again"]);
  });
});

describe("answers under test", () => {
  test.each([[{ name: "a", parts: [], secret: 1 }], [{ name: "a", parts: [{ size: 1, more: true }] }]])(
    "%j holds a key that is not promised, and fails",
    async (answered) => {
      const { status, body } = await given(answered).post("/api/things/x", { name: "b" });
      expect([status, body.detail]).toEqual([500, expect.stringContaining("answers what it does not promise")]);
    },
  );
});

describe("the reference of routes", () => {
  const { routes } = given();
  const document = openApiOf(routes, "1.2.3");

  test("has each parameter, body, answer and refusal", () => {
    expect(document).toMatchObject({
      openapi: "3.1.0",
      paths: {
        "/api/things/{id}": {
          post: {
            operationId: "post_api_things_id",
            parameters: [
              { name: "id", in: "path", required: true, schema: { type: "string", maxLength: 3 } },
              { name: "times", in: "query", required: false },
            ],
            requestBody: { required: true, content: { "application/json": { schema: { required: ["name"] } } } },
            responses: {
              200: {
                content: {
                  "application/json": { schema: { properties: { schema: { const: "qoc.thing/1" } } } },
                },
              },
              409: { description: "409 NOT_NOW: The run's state does not allow that." },
              default: { $ref: "#/components/responses/Refused" },
            },
          },
        },
      },
    });
  });

  test("says nothing of `readonly`, which is not on the wire, and is the same bytes each time", () => {
    const text = openApiText(document);
    expect(text).not.toContain("readOnly");
    expect(openApiText(openApiOf(given().routes.toReversed(), "1.2.3"))).toBe(text);
  });
});
