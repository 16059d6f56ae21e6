//! Finished lessons: states in order, each with a note that says what to do and what to look for.

/// A lesson that comes with the project.
#[derive(Clone, Copy, Debug)]
pub struct Lesson {
    /// Its name in links.
    pub slug: &'static str,
    /// What it is called, in English and in Chinese.
    pub title: [&'static str; 2],
    /// Its steps.
    pub steps: &'static [Step],
}

/// A state of a lab, and what to do with it.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// The link, from `#/` on.
    pub link: &'static str,
    /// One to three sentences, in English and in Chinese.
    pub note: [&'static str; 2],
}

const fn step(link: &'static str, en: &'static str, zh: &'static str) -> Step {
    Step { link, note: [en, zh] }
}

/// The lessons, in the order of the course.
pub const LESSONS: &[Lesson] = &[
    Lesson {
        slug: "output-size",
        title: ["From sliding window to output size", "从滑动窗口到输出尺寸"],
        steps: &OUTPUT_SIZE,
    },
    Lesson {
        slug: "unit-sees",
        title: ["What a unit really sees", "一个单元究竟看到什么"],
        steps: &UNIT_SEES,
    },
    Lesson {
        slug: "attention-steps",
        title: ["Attention, step by step", "一步一步看注意力"],
        steps: &ATTENTION_STEPS,
    },
];

#[rustfmt::skip]
const OUTPUT_SIZE: [Step; 8] = [
    step("#/convolution?kernel=box",
        "Point at one output cell after the other and watch the window walk. Count the places it can take in a row of 8 cells: that is the width of the output.",
        "依次指向各个输出格，看窗口怎样移动。数一数它在一行 8 格里能放几个位置：这就是输出的宽度。"),
    step("#/convolution?kernel=box&kernel_size=5",
        "A window of 5 finds only 4 places: 8 − 5 + 1. Say how many a window of 7 finds before you set kernel_size to 7.",
        "宽 5 的窗口只有 4 个位置：8 − 5 + 1。先说出宽 7 的窗口有几个，再把 kernel_size 设为 7。"),
    step("#/convolution?kernel=box&padding=1",
        "One cell of padding on each side gives the window of 3 two more places, so the output is as large as the input. Find the padding in the formula. Which padding would a window of 5 need?",
        "每侧填充一格，宽 3 的窗口就多出两个位置，输出于是与输入一样大。在公式里找到填充。宽 5 的窗口需要填充几格？"),
    step("#/convolution?kernel=box&padding=1&panel=usage",
        "The map shows how often each cell is read. Guess the corner and the middle before you point at them, and say what padding does not make equal.",
        "图中是每格被读的次数。先猜角上和中间的数，再指向它们，再说说填充没能消除什么差别。"),
    step("#/convolution?padding=2&padding_mode=reflect&panel=modes",
        "Five ways to fill the border, on the same corner. Find out from the numbers which cell each mode copies, and which modes invent a number.",
        "同一个角，五种填法。从数字中找出每种方式复制的是哪一格，哪些方式是凭空填的数。"),
    step("#/convolution?stride=2&padding=1",
        "With stride 2 the division leaves a rest, which is rounded down; the hatched row and column are never read. Write down the output size for stride 3, then try it.",
        "步幅为 2 时除不尽，向下取整；画斜线的一行和一列从未被读。先写下步幅 3 时的输出尺寸，再试一试。"),
    step("#/convolution?stride=3&kernel=box&kernel_size=2&panel=usage",
        "Here the step is longer than the window. Find the cells that are read 0 times, then make the stride so small that there are none.",
        "这里步幅比窗口宽。找出被读 0 次的格子，再把步幅调小，直到一个也没有。"),
    step("#/convolution?dilation=2&padding=2",
        "Dilation spreads 9 taps over a window of 5, so padding 2 keeps the size. Put all you know into the formula: size, padding, dilation, kernel, stride. Then change one of them and predict again.",
        "膨胀率 2 把 9 个权重铺到宽 5 的窗口上，所以填充 2 才能保持尺寸。把尺寸、填充、膨胀率、卷积核、步幅全部代入公式，再改其中一个，重新预测。"),
];

#[rustfmt::skip]
const UNIT_SEES: [Step; 8] = [
    step("#/receptive-field?layers=c3&size=32&object=9",
        "One layer, one unit. The marked square holds every pixel that can change it: 3 × 3, its receptive field.",
        "一层，一个单元。标出的方块里是能改变它的全部像素：3 × 3，即它的感受野。"),
    step("#/receptive-field?layers=c3,c3,c3&size=32&object=9",
        "Two more layers add 2 pixels each. Read the recurrence, then add a fourth layer to the list and check your prediction.",
        "再加两层，每层增加 2 个像素。看懂递推式，再在列表中加上第四层，检验你的预测。"),
    step("#/receptive-field?layers=c3,c3s2,c3s2&size=32&object=9",
        "Now two layers have stride 2. Is the field 7, 9 or 15? Decide first, then see which layer a stride counts for.",
        "现在有两层的步幅为 2。感受野是 7、9 还是 15？先作判断，再看步幅影响的是哪些层。"),
    step("#/receptive-field?layers=c3d2,c3d2,c3d2&size=48&panel=coverage",
        "The field is 13 wide, but only 7 pixels of a row can change the unit. Change the dilations to 1, 2 and 3 and watch the gaps close.",
        "感受野宽 13，但一行中只有 7 个像素能改变这个单元。把膨胀率改成 1、2、3，看空隙怎样消失。"),
    step("#/receptive-field?object=30&panel=object",
        "On paper 38 pixels cover the ball of 30. Compare the square that holds 95 % of the gradient: does the unit really see the whole ball?",
        "理论上 38 个像素盖住了宽 30 的球。再看装下 95 % 梯度的方块：这个单元真的看到整个球了吗？"),
    step("#/receptive-field?layers=c3,c3,c3,c3,c3,c3,c3,c3,c3,c3,c3,c3,c3,c3,c3&weights=normal",
        "Fifteen layers with random weights. Wait until the draws are averaged: the gradient is a hill in the middle of 31 × 31 pixels, and the rim hardly counts.",
        "十五层，权重随机。等多次抽样取完平均：梯度是 31 × 31 像素中央的一座小山，边缘几乎不起作用。"),
    step("#/receptive-field?layers=c3&panel=growth",
        "How does the hill widen with depth? Guess the slope of the measured line before its points are there; the field on paper grows faster.",
        "小山随深度怎样变宽？在数据点出现之前，先猜实测直线的斜率；理论感受野增长得更快。"),
    step("#/receptive-field?layers=w31&compare=layers:c3,c3,c3,c3,c3,c3,c3,c3,c3,c3,c3,c3,c3,c3,c3",
        "One depthwise 31 × 31 layer stands beside fifteen 3 × 3 layers: the same field on paper. Compare the two pictures and the weights. Which of them would you take to see far?",
        "一个 31 × 31 的逐通道卷积层与十五个 3 × 3 层并排，理论感受野相同。比较两幅图和权重个数。想看得远，你选哪个？"),
];

#[rustfmt::skip]
const ATTENTION_STEPS: [Step; 8] = [
    step("#/attention?head=2",
        "Follow the path from the words to the answer: vectors, q and k, scores, weights, mixture. Guess which words “it” looks at, then point at its row.",
        "沿着路径从词读到结果：向量、q 与 k、注意力分数、权重、混合。先猜“it”在看哪些词，再指向它那一行。"),
    step("#/attention?head=4",
        "Double-click a number of q and change it: one row of scores and weights follows. Then change a number of v: the weights stay, only the mixture moves.",
        "双击 q 里的一个数并改掉它：一行分数和权重随之改变。再改 v 里的一个数：权重不变，只有混合结果改变。"),
    step("#/attention?temperature=0.25&head=4&panel=heads",
        "The softmax makes weights of scores; each row adds up to 1. Move the temperature up and down and describe what happens to the entropy.",
        "softmax 把分数变成权重，每行之和为 1。上下移动温度，说说熵怎样变化。"),
    step("#/attention?panel=scale&scale=none&head=4&d_model=64",
        "Here the scores are not divided by √d_k. Look at variance, entropy and gradient over the widths, then set scale back to sqrt: what stays level now?",
        "这里的分数没有除以 √d_k。看方差、熵和梯度随宽度的变化，再把 scale 设回 sqrt：现在哪些量保持平稳？"),
    step("#/attention?padding_mask=3&panel=mask",
        "Three [PAD] are hidden before the softmax, and the outputs of the real words move by 0. Set the softmax to mask after softmax and see what goes wrong with the rows.",
        "三个 [PAD] 在 softmax 之前就被屏蔽，真实词元的输出变化为 0。把“权重算法”换成“softmax 后屏蔽”，看各行出了什么问题。"),
    step("#/attention?panel=gradient&head=4",
        "Everything right of the diagonal is future that leaks into an earlier word. Switch is_causal on and watch it become exactly 0.",
        "对角线右侧的一切，都是泄漏给前面的词的未来信息。打开 is_causal，看它恰好变为 0。"),
    step("#/attention?num_heads=8&d_model=64",
        "Eight heads share one width. Click the small maps one by one and say what each looks for; then change the number of heads and watch the parameters.",
        "八个头平分同一个宽度。逐个点开小图，说说每个头在找什么；再改变头数，观察参数量。"),
    step("#/positions?code=none",
        "Without a position code attention sees a set: swap two words, and the outputs only swap along. Choose a code and read the order test again.",
        "没有位置编码时，注意力看到的是一个集合：互换两个词，输出只是跟着互换。选一种编码，再看顺序测试。"),
];
