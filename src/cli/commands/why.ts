import type { Command } from "commander";
import { WhyAnswer } from "../answers.ts";
import { answerOf } from "../client.ts";
import { runName } from "../ids.ts";
import { plain } from "../output.ts";
import type { Action, Runner } from "../program.ts";
import { deskOf, readingApi, withApi } from "../session.ts";

export function addWhy(program: Command, run: Runner): void {
  program.command("why").argument("<run>").description("where a run is, why, and what would move it").action(run(why));
}

const why: Action = async (session, args) => {
  const name = runName(args[0] ?? "");
  await withApi(readingApi(session, deskOf(session)), async (api) => {
    const answer = await answerOf(api, WhyAnswer, "GET", `/api/runs/${name}/why`);
    session.out.result("qoc.why/1", answer, () =>
      [plain(answer.paragraph), ...answer.commands.map((command) => `  ${command}`)].join("\n"),
    );
  });
};
