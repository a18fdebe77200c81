/** A process that plans, prints the id of its planner's process, and plans for ever if it is told to. */
import { argv, stdout } from "node:process";
import { createPlannerProcess } from "../../../gateway/engine/planner-process.ts";

const [child, last = ""] = argv.slice(2);
const planners = createPlannerProcess({ ...(child !== undefined && { child }), deadlineMs: 60_000 });
const plan = await planners.load("supergraph");
await plan("first");
stdout.write(`${planners.pid()}\n`);
if (last !== "") await plan(last);
