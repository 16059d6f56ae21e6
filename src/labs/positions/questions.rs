//! The curriculum rows this lab answers.

use crate::stage::lab::Question;
use crate::stage::text::Lang;

/// The rows, in curriculum order.
pub fn list(lang: Lang) -> &'static [Question] {
    lang.pick(&EN, &ZH)
}

const T9: &str = "code=none";
const T10: &str = "panel=extrapolation&code=alibi";
const T22: &str = "panel=table&tokens=12";
const T31: &str = "input=same&map=scores&code=t5";
const T57: &str = "code=rope&panel=rotary&offset=100";

const EN: [Question; 5] = [
    Question {
        id: "T9",
        short: "Why position codes?",
        look: "Read the order test: without a code the outputs only move along with their tokens, whatever you rearrange. Choose a code and each output changes. The price is different for each: a table that ends, numbers shared by word and place, or a rule that was fixed beforehand.",
        link: T9,
        ask: "There is no position code, and two words change places. What do the outputs do?",
        options: &[
            "They change places along with their words",
            "They all change",
            "They stay where they are",
        ],
        answer: "They move along: apart from that they differ by {order_none}, which is rounding. Attention sees a set of words. With a sinusoidal code the same swap changes outputs by up to {order_sinusoidal}, with a learned table by {order_learned}, with RoPE by {order_rope}.",
        mistake: "",
    },
    Question {
        id: "T10",
        short: "Which codes are there?",
        look: "Six maps from the same queries and keys. Then read the six curves beyond the dashed line: the table has nothing to offer there, ALiBi and T5 go on by rule, rotary and sinusoidal bring angles not seen before.",
        link: T10,
        ask: "The model was trained on 32 positions. Which code has nothing to offer at position 40?",
        options: &["The learned table", "ALiBi", "RoPE"],
        answer: "The table ends at position {last_learned_position}; the other curves go on to distance {farthest}. ALiBi only goes on subtracting, and T5 puts all far distances into one bucket; RoPE and the sinusoidal code bring angles that the model has not seen, which is why long texts need care. ALiBi has {parameters} learned numbers.",
        mistake: "",
    },
    Question {
        id: "T22",
        short: "The formula of the code",
        look: "Point at any number of the picture: position, column, wavelength and value are put into the formula. Go down the rows: every pair of rows is slower than the pair above.",
        link: T22,
        ask: "Which numbers of the sinusoidal code change slowest from one token to the next?",
        options: &["The last pair", "The first pair", "All alike"],
        answer: "Pair i is sin and cos of pos / 10000^(2i/d): every pair has a longer wavelength than the one before it. The first pair goes round within seven tokens, the last one hardly moves between position {first_position} and {last_position}. Nothing of it is learned: {parameters} parameters.",
        mistake: "",
    },
    Question {
        id: "T31",
        short: "How do codes give order?",
        look: "All tokens are the same word, so without a code every score is the same number. Every stripe you see in the other maps is position alone. Then choose the sentence and compare the rows of the word that returns.",
        link: T31,
        ask: "All tokens are the same word. Without a position code, how do the scores in a row differ?",
        options: &["Not at all", "They fall with distance", "The word's own score is the largest"],
        answer: "Not at all, so the weights of any two tokens differ by {same_word_none}; with T5's bias they differ by up to {same_word_t5}, with RoPE by {same_word_rope}, with ALiBi by {same_word_alibi}. A code brings order into the scores: through the tokens, through angles, or as a number added for each distance.",
        mistake: "",
    },
    Question {
        id: "T57",
        short: "What is RoPE?",
        look: "Move the query step by step: the solid arrows turn, fast in the first pair, hardly in the last. Now move Shift all back to 0: both arrows turn together, the gaps stay, and so does the score, to its last digit. The sinusoidal score in the next column does not.",
        link: T57,
        ask: "Query and key both move on by 100 places. What does their RoPE score do?",
        options: &["It stays the same", "It becomes smaller", "It changes its sign"],
        answer: "{rope_score} at places {q_at} and {k_at}, and {rope_score_unmoved} before they moved. RoPE turns each pair of numbers by an angle proportional to its place; a dot product only feels the difference of the angles, so the score depends on the distance, {distance}. It learns {parameters} numbers.",
        mistake: "",
    },
];

const ZH: [Question; 5] = [
    Question {
        id: "T9",
        short: "为什么要位置编码？",
        look: "看顺序测试：没有编码时，无论怎样重排，输出只是跟着词元移动。选一种编码，输出就变了。代价各不相同：有尽头的表、词与位置共用的数，或事先定死的规则。",
        link: T9,
        ask: "没有位置编码，两个词互换位置。输出会怎样？",
        options: &["跟着各自的词互换位置", "全部改变", "留在原位不变"],
        answer: "跟着移动：除此之外只差 {order_none}，那是舍入误差。注意力看到的是一个词的集合。用正弦编码时，同样的互换使输出最多改变 {order_sinusoidal}，位置表为 {order_learned}，RoPE 为 {order_rope}。",
        mistake: "",
    },
    Question {
        id: "T10",
        short: "有哪些位置编码？",
        look: "六张图来自同一组查询和键。再看虚线之后的六条曲线：位置表在那里什么也给不出，ALiBi 和 T5 按规则延续，旋转与正弦编码带来没见过的角度。",
        link: T10,
        ask: "模型在 32 个位置上训练。哪种编码在位置 40 处什么也给不出？",
        options: &["学习得到的位置表", "ALiBi", "RoPE"],
        answer: "位置表到 {last_learned_position} 为止，其他曲线一直延伸到距离 {farthest}。ALiBi 只是继续减下去，T5 把远处的距离都放进同一个桶；RoPE 和正弦编码带来模型没见过的角度，所以长文本需要另作处理。ALiBi 要学的数是 {parameters} 个。",
        mistake: "",
    },
    Question {
        id: "T22",
        short: "位置编码的公式",
        look: "指向图中任意一个数：位置、列、波长和数值会代入公式。往下看：每一对行都比上面一对变化得慢。",
        link: T22,
        ask: "从一个词元到下一个词元，正弦编码里的哪些数变化最慢？",
        options: &["最后一对", "第一对", "都一样"],
        answer: "第 i 对是“位置 / 10000^(2i/d)”的正弦和余弦：每一对的波长都比前一对长。第一对不到七个词元就转一圈，最后一对从位置 {first_position} 到 {last_position} 几乎不动。它没有要学的东西：参数为 {parameters}。",
        mistake: "",
    },
    Question {
        id: "T31",
        short: "编码如何给出顺序？",
        look: "所有词元都是同一个词，没有编码时每个分数都相同。其他图中的条纹全部来自位置。再换成句子，比较重复出现的词所在的行。",
        link: T31,
        ask: "所有词元都是同一个词。没有位置编码时，同一行里的分数有什么差别？",
        options: &["完全没有差别", "随距离减小", "对自己的分数最大"],
        answer: "没有差别，所以任意两个词元的权重都相差 {same_word_none}；加上 T5 偏置后最多相差 {same_word_t5}，RoPE 为 {same_word_rope}，ALiBi 为 {same_word_alibi}。编码把顺序带进分数：或通过词元，或通过角度，或按距离加上一个数。",
        mistake: "",
    },
    Question {
        id: "T57",
        short: "什么是 RoPE？",
        look: "一步步移动查询：实线箭头转动，第一对快，最后一对几乎不动。再把整体平移调回 0：两个箭头一起转，夹角不变，分数连最后一位也不变；旁边一列的正弦分数却变了。",
        link: T57,
        ask: "查询和键一起向后移动 100 个位置，RoPE 的分数会怎样？",
        options: &["不变", "变小", "变号"],
        answer: "在位置 {q_at} 和 {k_at} 处是 {rope_score}，移动之前是 {rope_score_unmoved}。RoPE 把每一对数转过与位置成正比的角度；点积只感受到角度之差，所以分数取决于距离，即 {distance}。它要学的数是 {parameters} 个。",
        mistake: "",
    },
];
