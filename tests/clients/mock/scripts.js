// What the model answers, round by round; a conversation that goes on longer gets the last answer again.
// `{{folder}}` is where the agent works, and a conversation that was summed up goes on with the script `short`. `refusal` is an error of the provider.

export const side = {
  title: { text: "Mock title", usage: { input: 50, output: 4, cached: 0, reasoning: 0 } },
  summary: {
    text: "<summary>\n## Goal\nMock summary of the conversation so far.\n[[script:short]]\n</summary>",
    usage: { input: 900, output: 30, cached: 0, reasoning: 0 },
  },
};

const bash = (command, description) => ({ name: "bash", input: { command, description } });
const file = (name, tool, input) => ({ name: tool, input: { filePath: `{{folder}}/${name}`, ...input } });
const patch = (...lines) => ({
  name: "apply_patch",
  input: { patchText: ["*** Begin Patch", ...lines, "*** End Patch"].join("\n") },
});

const opencode = {
  // A tool of each kind, with and without success.
  basic: [
    { thinking: "I look first, then I write. Step one.", text: "First I run a command.", tools: [bash("echo hi", "Say hi")] },
    { thinking: "Now write.", text: "Now I write hello.txt.", tools: [file("hello.txt", "write", { content: "hello world\n" })] },
    { text: "Now I edit it.", tools: [file("hello.txt", "edit", { oldString: "hello world", newString: "hello mock" })] },
    { text: "Now two things that fail.", tools: [bash("ls /does-not-exist-42", "Fail"), file("missing.txt", "read", {})] },
    {
      text: "A list and an unknown tool.",
      tools: [
        {
          name: "todowrite",
          input: {
            todos: [
              { content: "one", status: "completed", priority: "high", id: "1" },
              { content: "two", status: "pending", priority: "low", id: "2" },
            ],
          },
        },
        { name: "no_such_tool", input: { x: 1 } },
      ],
    },
    { thinking: "All done.", text: "All done: ünïcödé, 日本語, 🦀 and a \u0000 that is no end." },
  ],
  subagent: [
    {
      text: "I start a subagent.",
      tools: [{ name: "task", input: { description: "Sub job", prompt: "[[script:sub]] say hi", subagent_type: "general" } }],
    },
    { text: "The subagent is done." },
  ],
  sub: [{ text: "I run a command.", tools: [bash("echo from-sub", "Say it")] }, { text: "The result: ok." }],
  error: [{ refusal: { status: 400, type: "invalid_request_error", message: "mock: bad request" } }],
  short: [{ thinking: "Short thought.", text: "Short answer." }],
  // A call that is running when somebody kills the agent; it says who has to be killed too.
  hang: [
    { text: "This takes a while.", tools: [bash("echo $$ > {{folder}}/process; exec sleep 600", "Wait")] },
    { text: "It is over." },
  ],
  question: [
    {
      text: "I have to ask.",
      tools: [
        {
          name: "question",
          input: {
            questions: [
              {
                header: "Colour",
                question: "Which colour?",
                options: [
                  { label: "Red", description: "Like a rose" },
                  { label: "Blue", description: "Like the sky" },
                ],
              },
            ],
          },
        },
      ],
    },
    { text: "So be it." },
  ],
  // Files that come, change, move and go.
  patch: [
    {
      text: "I add and change.",
      tools: [patch("*** Add File: new.txt", "+one", "+two", "*** Update File: README.md", "@@", "-# demo", "+# Demo")],
    },
    {
      text: "I move and delete.",
      tools: [patch("*** Update File: new.txt", "*** Move to: moved.txt", "@@", "-one", "+eins", "*** Delete File: README.md")],
    },
    { text: "That is all." },
  ],
  // Lines in a file that others write to as well, a file written whole, and two that a command changes.
  lines: [
    { text: "I read.", tools: [file("shared.txt", "read", {})] },
    {
      text: "I add a line.",
      tools: [file("shared.txt", "edit", { oldString: "second", newString: "second\nan edit by OpenCode" })],
    },
    { text: "I write.", tools: [file("whole by OpenCode.txt", "write", { content: "first whole\nsecond whole\n" })] },
    {
      text: "I run a command.",
      tools: [bash("echo a command of OpenCode >> shared.txt; echo a new one >> größer.txt", "Write")],
    },
    { text: "That is all." },
  ],
  // Many small pieces of text, and a command that says much a little at a time.
  stream: [
    {
      text: "word ".repeat(10_000),
      chunk_characters: 5,
      tools: [bash("for n in $(seq 200); do echo line $n of the output; sleep 0.01; done", "Count")],
    },
    { text: "That was long." },
  ],
};

const tool = (name, input) => ({ name, input });
const shell = (command, description) => tool("Bash", { command, description });
const work = (name, file, input = {}) => tool(name, { file_path: `{{folder}}/${file}`, ...input });

const claude = {
  // Lines in a file that others write to as well, and a file written whole.
  lines: [
    { text: "I read.", tools: [work("Read", "shared.txt")] },
    {
      text: "I change two lines.",
      tools: [work("Edit", "shared.txt", { old_string: "third", new_string: "third\nan edit by Claude\nanother edit by Claude" })],
    },
    { text: "I write.", tools: [work("Write", "whole by Claude.txt", { content: "first whole\nsecond whole\n" })] },
    { text: "That is all." },
  ],
  // A tool of each kind, with and without success, alone and side by side.
  basic: [
    { thinking: "I look first, then I write. Step one.", text: "First I run a command.", tools: [shell("echo hi", "Say hi")] },
    {
      thinking: "Now write.",
      text: "Now I write hello.txt.",
      tools: [work("Write", "hello.txt", { content: "hello world\n" })],
      usage: { input: 7, output: 101, cached: 2300, written: 40, written_1h: 0, reasoning: 101 },
    },
    {
      text: "Now I edit it.",
      tools: [work("Edit", "hello.txt", { old_string: "hello world", new_string: "hello mock" })],
      usage: { input: 3, output: 57, cached: 0, written: 4100, written_1h: 4100 },
    },
    { text: "Now two things that fail.", tools: [shell("ls /does-not-exist-42", "Fail"), work("Read", "missing.txt")] },
    { text: "Two side by side.", tools: [shell("mkdir -p sub && cd sub && pwd", "Enter"), work("Read", "hello.txt")] },
    { tools: [tool("TaskCreate", { subject: "Mock task", description: "A mock task", activeForm: "Mocking" })] },
    {
      text: "One that is there, and one that is not.",
      tools: [tool("TaskUpdate", { taskId: "1", status: "completed" }), tool("NoSuchTool", { x: 1 })],
    },
    { thinking: "All done.", text: "All done: ünïcödé, 日本語, 🦀 and a \u0000 that is no end." },
  ],
  subagent: [
    {
      text: "I start a subagent.",
      tools: [
        tool("Agent", {
          description: "Sub job",
          prompt: "[[script:sub]] say hi",
          subagent_type: "general-purpose",
          run_in_background: false,
        }),
      ],
    },
    { text: "The subagent is done." },
  ],
  sub: [
    { thinking: "Sub thought.", text: "I run a command.", tools: [shell("echo from-sub", "Say it")] },
    { text: "The result: ok." },
  ],
  error: opencode.error,
  short: opencode.short,
  // So much that it does not fit, unless there is room for more than 100,000 tokens.
  full: [
    { text: "I read a lot.", tools: [shell("echo 1", "Say one")], usage: { input: 80_000 } },
    { text: "I read more.", tools: [shell("echo 2", "Say two")], usage: { input: 90_000 } },
    { text: "That is all." },
  ],
  hang: [
    { thinking: "It will take.", text: "This takes a while.", tools: [shell("echo $$ > {{folder}}/process; exec sleep 600", "Wait")] },
    { text: "It is over." },
  ],
};

const codex = { short: opencode.short };
const gemini = { short: opencode.short };

export const scripts = { opencode, claude, codex, gemini };
