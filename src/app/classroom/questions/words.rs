//! The words of the list of questions, both languages side by side.

use crate::texts;

texts! {
    /// Words of the questions, their filters and the interview.
    Words {
        title: "See what a layer really does", "看清每一层到底在做什么";
        promise: "{n} labs. Every picture here was computed just now, on this machine.", "{n} 个实验。这里的每幅图都是刚刚在本机算出来的。";
        answers: "{n} questions", "{n} 个问题";
        open_lab: "Open", "打开";
        heading: "{n} questions", "{n} 个问题";
        counts: "{ready} open an experiment; {open} say “not yet”.", "{ready} 个可以打开实验，{open} 个标着“尚无”。";
        shown: "{n} shown", "显示 {n} 个";
        filters: "Filters", "筛选";
        search: "Search questions", "搜索问题";
        chapter: "Chapter", "章节";
        all: "All", "全部";
        experiment: "Experiment", "实验状态";
        ready: "Ready", "可打开";
        not_yet: "not yet", "尚无";
        only_traps: "Only those often answered wrong", "只看常答错的";
        difficulty: "Difficulty", "难度";
        asked: "How often it is asked", "提问频率";
        any: "any", "不限";
        lab: "Lab", "实验";
        order: "Order", "排序";
        order_asked: "Most asked", "最常问";
        order_easy: "Easiest first", "由易到难";
        order_course: "Course order", "课程顺序";
        stars: "difficulty {d} of 5, asked {f} of 5", "难度 {d}/5，提问频率 {f}/5";
        trap: "often answered wrong", "常答错";
        nothing: "No question fits. Take a filter away.", "没有符合的问题，请去掉一个筛选条件。";
        not_built: "No lab answers this question yet. It is planned as “{lab}”.", "目前还没有实验回答这个问题，计划中的实验是“{lab}”。";
        loading: "Setting the experiment up…", "正在准备实验……";
        failed: "This experiment could not be set up. Open the lab instead.", "没能准备好这个实验，请直接打开它。";
        mistake: "Often answered wrong:", "常见错误：";
        set_up: "Open this set-up", "打开这个设置";
        look: "What to try there:", "可以试试：";
        correct: "Right.", "答对了。";
        not_quite: "Not quite.", "不太对。";
        interview: "Interview mode", "面试模式";
        interview_say: "Answer aloud, as you would to a person. Then reveal.", "像面对面试官那样把答案说出来，再揭晓。";
        begin: "Begin", "开始";
        reveal: "Reveal", "揭晓";
        another: "Another", "换一题";
        how: "How was your answer?", "你答得怎么样？";
        mark_good: "Knew it", "会";
        mark_half: "Half", "半懂";
        mark_bad: "Not yet", "还不会";
        map: "Your map: {n} of {all} marked", "你的进度：已标记 {n}/{all}";
        map_say: "{good} known, {half} half, {bad} not yet. Marks stay on this device.", "会 {good} 题，半懂 {half} 题，还不会 {bad} 题。标记只留在这台设备上。";
        export: "Export", "导出";
        clear: "Clear", "清空";
        lessons: "Lessons to start from", "现成的课程";
        steps: "{n} steps", "{n} 步";
        make: "Make a lesson", "制作课程";
        take: "The whole page in one file", "把整个页面存成一个文件";
        take_say: "Opens by a double click, also without a network.", "双击即可打开，没有网络也行。";
    }
}
